// The control-flow graph of a function, drawn in layers: flow goes down, and back
// along the right side.

function graphView(f, n) {
	const blocks = f.graph.map((b, i) => ({ ...b, i, preds: [], rank: 0 }));
	if (!blocks.length) return el("p", { class: "empty" }, "There is no graph.");
	const back = backEdges(blocks);
	rankBlocks(blocks, back);
	const layers = orderLayers(blocks, back);
	place(blocks, layers);
	return draw(f, n, blocks, back);
}

// backEdges finds the edges that lead back to a block on the way to them.
function backEdges(blocks) {
	const back = new Set(), state = new Array(blocks.length).fill(0);
	const stack = [[0, 0]];
	state[0] = 1;
	while (stack.length) {
		const top = stack[stack.length - 1], b = blocks[top[0]];
		if (top[1] === b.succs.length) { state[top[0]] = 2; stack.pop(); continue; }
		const s = b.succs[top[1]++];
		if (state[s] === 1) back.add(top[0] + ">" + s);
		else if (state[s] === 0) { state[s] = 1; stack.push([s, 0]); }
	}
	return back;
}

// rankBlocks gives each block a layer below all that lead to it.
function rankBlocks(blocks, back) {
	const left = new Array(blocks.length).fill(0);
	for (const b of blocks) for (const s of b.succs) if (!back.has(b.i + ">" + s)) { left[s]++; blocks[s].preds.push(b.i); }
	const ready = blocks.filter(b => left[b.i] === 0).map(b => b.i);
	while (ready.length) {
		const b = blocks[ready.shift()];
		for (const s of b.succs) {
			if (back.has(b.i + ">" + s)) continue;
			blocks[s].rank = Math.max(blocks[s].rank, b.rank + 1);
			if (--left[s] === 0) ready.push(s);
		}
	}
}

// orderLayers puts blocks below those that lead to them.
function orderLayers(blocks) {
	const layers = [];
	for (const b of blocks) (layers[b.rank] = layers[b.rank] || []).push(b);
	const slot = new Array(blocks.length).fill(0);
	for (let round = 0; round < 3; round++) {
		for (const layer of layers) {
			const mean = b => b.preds.length ? b.preds.reduce((sum, p) => sum + slot[p], 0) / b.preds.length : slot[b.i];
			const key = new Map(layer.map(b => [b, mean(b)]));
			layer.sort((a, b) => key.get(a) - key.get(b) || a.i - b.i);
			layer.forEach((b, i) => slot[b.i] = i - (layer.length - 1) / 2);
		}
	}
	return layers;
}

const lineHeight = 15, charWidth = 7, gapX = 34, gapY = 40, mostLines = 7, mostChars = 44;

function blockText(b) {
	let list = b.text.map((t, i) => ({ text: b.lines[i] + "  " + t, line: b.lines[i] }));
	if (list.length > mostLines) list = list.slice(0, mostLines - 1).concat({ text: "… " + (b.text.length - mostLines + 1) + " more", line: 0 });
	for (const l of list) if (l.text.length > mostChars) l.text = l.text.slice(0, mostChars - 1) + "…";
	return list;
}

function place(blocks, layers) {
	let y = 12;
	for (const b of blocks) {
		b.list = blockText(b);
		b.w = Math.max(70, 20 + charWidth * Math.max(b.kind.length * 0.9, ...b.list.map(l => l.text.length)));
		b.h = 20 + lineHeight * b.list.length + (b.exit !== undefined ? 4 : 0);
	}
	const widths = layers.map(l => l.reduce((sum, b) => sum + b.w + gapX, -gapX));
	const widest = Math.max(...widths);
	layers.forEach((layer, i) => {
		let x = 20 + (widest - widths[i]) / 2;
		for (const b of layer) { b.x = x; b.y = y; x += b.w + gapX; }
		y += Math.max(...layer.map(b => b.h)) + gapY;
	});
	blocks.width = widest + 40;
	blocks.height = y;
}

function svg(tag, attrs, ...children) {
	const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
	for (const [k, v] of Object.entries(attrs || {})) if (v !== undefined) e.setAttribute(k, v);
	e.append(...children);
	return e;
}

function draw(f, n, blocks, back) {
	const edges = svg("g"), labels = svg("g"), nodes = svg("g");
	let lane = 0;
	for (const b of blocks) {
		b.succs.forEach((s, k) => {
			const t = blocks[s], x1 = b.x + b.w * (k + 1) / (b.succs.length + 1), y1 = b.y + b.h, x2 = t.x + t.w / 2, y2 = t.y - 2;
			let d, lx, ly;
			const skips = t.rank - b.rank > 1 && blocks.some(o => o !== b && o !== t && o.rank > b.rank && o.rank < t.rank && o.x < Math.max(x1, x2) + 6 && o.x + o.w > Math.min(x1, x2) - 6);
			if (back.has(b.i + ">" + s) || skips) {
				const right = blocks.width + 10 + 16 * lane++;
				d = `M${x1},${y1} C${x1},${y1 + 26} ${right},${y1 + 6} ${right},${(y1 + y2) / 2} S${x2},${y2 - 30} ${x2},${y2}`;
				lx = x1; ly = y1 + 14;
			} else {
				const m = (y1 + y2) / 2;
				d = `M${x1},${y1} C${x1},${m} ${x2},${m} ${x2},${y2}`;
				lx = (x1 * 2 + x2) / 3; ly = y1 + (y2 - y1) * .42;
			}
			edges.append(svg("path", { d, class: back.has(b.i + ">" + s) ? "back" : "", "marker-end": "url(#arrow)" }));
			const set = pending(f, n, b);
			if (set.length) {
				const text = svg("text", { x: lx + 4, y: ly, class: "set" });
				text.append("{");
				set.forEach((p, i) => text.append(i ? ", " : "", svg("tspan", { "data-s": p.id }, p.text)));
				text.append("}");
				labels.append(text);
			}
		});
	}
	for (const b of blocks) {
		const g = svg("g", { class: b.exit !== undefined ? "exit" : "", "data-x": b.exit !== undefined ? n + "." + b.exit : undefined },
			svg("rect", { x: b.x, y: b.y, width: b.w, height: b.h, rx: 5 }), svg("text", { x: b.x + 8, y: b.y + 12, class: "kind" }, b.kind + (b.exit !== undefined ? " → exit" : "")));
		b.list.forEach((l, i) => {
			const site = f.sites.findIndex(s => l.line >= s.first && l.line <= s.last);
			const a = { x: b.x + 8, y: b.y + 27 + i * lineHeight };
			if (site >= 0) { a["data-s"] = n + "." + site; a["data-h"] = site % hues; }
			g.append(svg("text", a, l.text));
		});
		nodes.append(g);
	}
	const width = blocks.width + 20 + 16 * lane;
	const marker = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, svg("path", { d: "M0,0 L8,4 L0,8 z", class: "arrow" }));
	return el("div", { class: "graph" }, svg("svg", { width, height: blocks.height, viewBox: `0 0 ${width} ${blocks.height}`, role: "img", "aria-label": "Control-flow graph of " + f.name },
		svg("defs", {}, marker), edges, nodes, labels));
}

// pending lists the sites in the active set at the end of a block; a question mark is
// behind those that are there on some paths only.
function pending(f, n, b) {
	return (b.surely || []).map(s => ({ id: n + "." + s, text: f.sites[s].ref })).concat((b.maybe || []).map(s => ({ id: n + "." + s, text: f.sites[s].ref + "?" })));
}
