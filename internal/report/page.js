// The report: a list of functions, and one of them.
(() => {
	const $ = id => document.getElementById(id);
	const index = JSON.parse($("index").textContent);
	const rowHeight = 42;
	const ordinal = []; // of each function among those of its file
	index.functions.forEach((f, i) => ordinal.push(i && index.functions[i - 1].f === f.f ? ordinal[i - 1] + 1 : 0));
	let list = [], current = -1, strategy = "", view = "", graphOn = false, site = -1, light = null;

	const chunks = new Map();
	function chunk(i) {
		if (!chunks.has(i)) chunks.set(i, unpack($("chunk" + i).textContent));
		return chunks.get(i);
	}
	async function unpack(text) {
		const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
		return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
	}

	function header() {
		const t = index.totals;
		$("totals").textContent = [plural(t.functions, "function"), plural(t.sites, "defer statement"), plural(t.guards, "guard"),
			t.native + " still native", t.heap ? t.heap + " with records on the heap" : "", "unwind " + index.unwind].filter(Boolean).join(" · ");
		const names = Object.keys(t.strategies).sort((a, b) => t.strategies[b] - t.strategies[a]);
		$("bar").append(...names.map(name => el("button", {
			type: "button", "data-strategy": name, style: `flex:${t.strategies[name]} 1 0;background:var(--${name},var(--soft))`, "aria-pressed": "false",
			title: `${name}: ${t.strategies[name]} of ${t.sites}`, "aria-label": `${name} ${t.strategies[name]}`, onclick: () => { strategy = strategy === name ? "" : name; refresh(); },
		}, t.strategies[name] > t.sites / 12 ? `${name} ${t.strategies[name]}` : "")));
	}

	function refresh() {
		const words = $("filter").value.toLowerCase().split(/\s+/).filter(Boolean), show = $("show").value;
		list = [];
		index.functions.forEach((f, i) => {
			const text = (f.n + " " + index.files[f.f]).toLowerCase();
			if (!words.every(w => text.includes(w)) || strategy && !f.k[strategy]) return;
			if (show === "guard" && !f.g || show === "noguard" && f.g || show === "heap" && !f.h) return;
			list.push(i);
		});
		const by = $("sort").value, fs = index.functions;
		if (by === "name") list.sort((a, b) => fs[a].n.localeCompare(fs[b].n) || a - b);
		if (by === "sites") list.sort((a, b) => fs[b].s - fs[a].s || a - b);
		for (const b of $("bar").children) b.setAttribute("aria-pressed", String(b.dataset.strategy === strategy));
		$("count").textContent = list.length === fs.length ? plural(list.length, "function") : list.length + " of " + plural(fs.length, "function");
		rows();
	}

	// rows draws the part of the list that can be seen.
	function rows() {
		const box = $("rows"), first = Math.max(0, Math.floor(box.scrollTop / rowHeight) - 5), last = Math.min(list.length, first + Math.ceil((box.clientHeight || 600) / rowHeight) + 10);
		const shown = [el("div", { style: `height:${list.length * rowHeight}px` })];
		for (let k = first; k < last; k++) {
			const i = list[k], f = index.functions[i];
			const dots = Object.entries(f.k).flatMap(([name, n]) => Array(Math.min(n, 6)).fill(name)).slice(0, 9);
			shown.push(el("div", { class: "fn", role: "option", id: "fn" + i, "aria-selected": String(i === current), style: `top:${k * rowHeight}px`, onclick: () => open(i) },
				el("span", { class: "dots" }, dots.map(d => el("i", { style: `background:var(--${d},var(--soft))` }))), el("b", {}, f.n), el("small", {}, index.files[f.f] + ":" + f.l)));
		}
		box.replaceChildren(...shown);
		box.setAttribute("aria-activedescendant", "fn" + current);
	}

	function reveal() {
		const box = $("rows"), k = list.indexOf(current);
		if (k < 0) return;
		if (k * rowHeight < box.scrollTop) box.scrollTop = k * rowHeight;
		else if ((k + 1) * rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = (k + 1) * rowHeight - box.clientHeight;
	}

	const link = (i, s) => { const f = index.functions[i]; return "#" + index.files[f.f] + ":" + (s ? s.first + ":" + s.column : f.l); };

	async function open(i, at) {
		current = i;
		site = -1;
		reveal();
		rows();
		const c = await chunk(index.functions[i].f);
		if (current !== i) return;
		const n = ordinal[i], f = c.functions[n];
		show(i, n, f, c);
		if (at !== undefined) lightSite(f.sites.findIndex(s => s.first + ":" + s.column === at));
		else history.replaceState(null, "", link(i));
	}

	function show(i, n, f, c) {
		const box = $("function"), file = index.files[index.functions[i].f];
		const copy = (e, hash) => { history.replaceState(null, "", hash); navigator.clipboard?.writeText(location.href).catch(() => {}); e.classList.add("copied"); };
		const views = [["", "Both"], ["only-src", "Source"], ["only-out", "Lowered"]];
		const buttons = views.map(([v, name]) => el("button", { type: "button", "aria-pressed": String(v === view), onclick: () => setView(v) }, name));
		const graph = el("button", { type: "button", id: "graph", "aria-pressed": String(graphOn), onclick: toggleGraph, title: "Control-flow graph (g)" }, "Graph");
		const where = s => { const a = el("a", { href: link(i, s), title: "Link to this statement" }, s.ref); a.addEventListener("click", e => { e.preventDefault(); e.stopPropagation(); copy(a, link(i, s)); }); return a; };
		const self = el("a", { href: link(i), title: "Link to this function" }, file + ":" + f.line);
		self.addEventListener("click", e => { e.preventDefault(); copy(self, link(i)); });
		box.replaceChildren(
			el("div", { class: "title" }, el("h2", { class: "mono" }, f.name), el("span", { class: "where" }, self), el("span", { class: "right" }, buttons, graph)),
			losses(index.functions[i]),
			el("div", { id: "flow", class: graphOn ? "" : "hide" }),
			el("div", { class: "cols" }, codeView(c.decls[f.decl], c.functions), factsView(f, n, where)));
		box.dataset.function = f.name;
		setView(view || (matchMedia("(max-width:820px)").matches ? "only-out" : ""));
		light = new Light(box.querySelector(".cols"));
		box.shown = { f, n };
		drawGraph();
		box.scrollTop = 0;
		for (const b of box.querySelectorAll(".title button")) b.blur();
	}

	function losses(fn) {
		const list = index.losses.filter(l => l.f === fn.f && (l.t.startsWith(fn.n + ":") || l.t.startsWith(fn.n + ".func")));
		return list.map(l => el("p", { class: "note" }, "changes at line " + l.l + ": " + l.t));
	}

	function setView(v) {
		view = v;
		const code = $("function").querySelector(".code");
		if (!code) return;
		code.classList.remove("only-src", "only-out");
		if (v) code.classList.add(v);
		[...$("function").querySelectorAll(".title button")].slice(0, 3).forEach((b, k) => b.setAttribute("aria-pressed", String(["", "only-src", "only-out"][k] === v)));
	}

	function toggleGraph() { graphOn = !graphOn; drawGraph(); }

	function drawGraph() {
		const flow = $("flow"), shown = $("function").shown;
		if (!flow || !shown) return;
		flow.classList.toggle("hide", !graphOn);
		$("graph").setAttribute("aria-pressed", String(graphOn));
		if (graphOn && !flow.firstChild) {
			const graph = graphView(shown.f, shown.n);
			flow.append(graph);
			graph.scrollLeft = (graph.scrollWidth - graph.clientWidth) / 2;
			light = new Light($("function"));
		}
	}

	function lightSite(k) {
		const shown = $("function").shown;
		if (!shown || k < 0) return;
		site = (k + shown.f.sites.length) % shown.f.sites.length;
		const card = $("function").querySelector(`.card[data-s="${shown.n}.${site}"]`);
		card.focus({ preventScroll: true });
		light.hold(card); // a page without the focus does not tell of it
		card.scrollIntoView({ block: "nearest" });
		$("function").querySelector(`.cell.src[data-s~="${shown.n}.${site}"]`)?.scrollIntoView({ block: "center" });
		history.replaceState(null, "", link(current, shown.f.sites[site]));
	}

	// go follows a link: "#file:line" or "#file:line:column".
	function go() {
		const m = decodeURIComponent(location.hash.slice(1)).match(/^(.*?):(\d+)(?::(\d+))?$/);
		const file = m ? index.files.indexOf(m[1]) : -1;
		if (file < 0) return false;
		let best = -1;
		index.functions.forEach((f, i) => { if (f.f === file && f.l <= +m[2] && (m[3] || f.l === +m[2])) best = i; });
		if (best < 0) return false;
		if (m[3]) { // the innermost function that has the site
			chunk(file).then(c => {
				const n = c.functions.findIndex(f => f.sites.some(s => s.first === +m[2] && s.column === +m[3]));
				open(n < 0 ? best : index.functions.findIndex((f, i) => f.f === file && ordinal[i] === n), m[2] + ":" + m[3]);
			});
		} else open(best);
		return true;
	}

	const step = d => { const k = list.indexOf(current) + d; if (k >= 0 && k < list.length) open(list[k]); };
	const toggleTheme = theme($("theme"));
	const keys = {
		j: () => step(1), k: () => step(-1), n: () => lightSite(site + 1), p: () => lightSite(site <= 0 ? site + $("function").shown.f.sites.length - (site < 0 ? 0 : 1) : site - 1),
		g: toggleGraph, t: toggleTheme, "/": () => $("filter").focus(), "?": () => $("keys").showModal(),
		s: () => { const v = ["", "only-src", "only-out"]; setView(v[(v.indexOf(view) + 1) % 3]); },
		Escape: () => { light?.clear(); document.activeElement?.blur(); },
	};
	document.addEventListener("keydown", e => {
		if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open) return;
		if (e.target.matches("input,select")) {
			if (e.key === "Escape") e.target.blur();
			if (e.key === "Enter" && list.length) { open(list[0]); e.target.blur(); }
			return;
		}
		if (e.target.id === "rows" && (e.key === "ArrowDown" || e.key === "ArrowUp")) { e.preventDefault(); step(e.key === "ArrowDown" ? 1 : -1); return; }
		if (keys[e.key]) { e.preventDefault(); keys[e.key](); }
	});
	$("help").addEventListener("click", () => $("keys").showModal());
	for (const id of ["filter", "show", "sort"]) $(id).addEventListener("input", refresh);
	$("rows").addEventListener("scroll", () => requestAnimationFrame(rows));
	addEventListener("resize", rows);
	addEventListener("hashchange", go);

	// A page of dedefer serve loads itself again when the sources have changed.
	async function watch() {
		let first;
		for (;;) {
			await new Promise(r => setTimeout(r, 1500));
			try {
				const now = await (await fetch(index.live)).text();
				if (first === undefined) first = now;
				else if (now !== first) { location.reload(); return; }
			} catch { /* it has been stopped, or is busy */ }
		}
	}

	header();
	refresh();
	const ready = () => requestAnimationFrame(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); });
	if (!go() && list.length) open(list[0]).then(ready); else ready();
	if (!index.functions.length) $("function").replaceChildren(el("p", { class: "note" }, "There is no defer statement in these packages."));
	if (index.live) watch();
})();
