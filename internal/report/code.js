"use strict";
// What the report and the playground share: elements, code side by side, and what
// lights up together.

function el(tag, attrs, ...children) {
	const e = document.createElement(tag);
	for (const [k, v] of Object.entries(attrs || {})) {
		if (v === undefined || v === false || v === null) continue;
		if (k === "class") e.className = v;
		else if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
		else if (k === "html") e.innerHTML = v; // made by the program that made the page
		else e.setAttribute(k, v === true ? "" : v);
	}
	for (const c of children.flat()) if (c !== undefined && c !== null && c !== false) e.append(c);
	return e;
}

function plural(n, what) { return n + " " + what + (n === 1 ? "" : "s"); }

const hues = 6;

// parts has the attributes for what a line of lowered code was made for: sites are
// "function.index", so are exits and guards.
function parts(functions, line, text) {
	const s = [], x = [], g = [];
	if (line.s) s.push(line.s.join("."));
	if (line.x) x.push(line.x.join("."));
	if (line.g) g.push(line.g.join("."));
	if (line.n !== undefined && !line.s && !line.x && !line.g) { // a declaration: whose bits are they
		functions[line.n].sites.forEach((site, i) => {
			const name = site.bit && site.bit.split("&")[0];
			if (name && text.split(/\W+/).includes(name)) s.push(line.n + "." + i);
		});
	}
	return attributes(s, x, g);
}

function attributes(s, x, g) {
	const a = {};
	if (s.length) { a["data-s"] = s.join(" "); if (s.length === 1) a["data-h"] = s[0].split(".")[1] % hues; }
	if (x.length) a["data-x"] = x.join(" ");
	if (g.length) a["data-g"] = g.join(" ");
	return a;
}

// sourceParts has the attributes for lines of the source.
function sourceParts(functions, ids) {
	const of = {};
	const at = n => of[n] = of[n] || { s: [], x: [], g: [] };
	for (const n of ids) {
		functions[n].sites.forEach((s, i) => { for (let l = s.first; l <= s.last; l++) at(l).s.push(n + "." + i); });
		functions[n].exits.forEach((e, i) => at(e.line).x.push(n + "." + i));
		for (const p of functions[n].panics) if (p.where) at(p.where).g.push(...p.guards.map(i => n + "." + i));
	}
	// A literal around a site has a site of its own: the innermost says what a line is.
	for (const o of Object.values(of)) if (o.s.length > 1) o.s = o.s.slice(0, 1);
	return of;
}

function textOf(html) {
	const t = document.createElement("template");
	t.innerHTML = html;
	return t.content.textContent;
}

// inOrder returns the most lines of the lowered code, by index, whose lines of the source
// are in the order of the source, each once: a longest increasing subsequence.
function inOrder(decl) {
	const ends = [], before = []; // ends[n]: the last of the n + 1 lines that end earliest
	decl.out.forEach((line, i) => {
		if (!(line.f >= decl.first && line.f <= decl.last)) return;
		let n = 0;
		for (let to = ends.length; n < to;) {
			const mid = (n + to) >> 1;
			if (decl.out[ends[mid]].f < line.f) n = mid + 1;
			else to = mid;
		}
		if (n < ends.length && decl.out[ends[n]].f === line.f) return; // the first is where the others are
		before[i] = n ? ends[n - 1] : -1;
		ends[n] = i;
	});
	const kept = new Set();
	for (let i = ends.length ? ends[ends.length - 1] : -1; i >= 0; i = before[i]) kept.add(i);
	return kept;
}

// align puts each line of the lowered code beside the line of the source that it comes
// from, or below the line before. A comment or an empty line comes from none: it is
// beside its like, if there is one before the next line that is in order.
function align(decl) {
	const beside = new Map(), kept = inOrder(decl), next = [];
	for (let i = decl.out.length - 1, n = decl.last + 1; i >= 0; i--) {
		next[i] = n;
		if (kept.has(i)) n = decl.out[i].f;
	}
	let at = decl.first;
	decl.out.forEach((line, i) => {
		const like = kept.has(i) || line.f ? -1 : decl.src.slice(at + 1 - decl.first, next[i] - decl.first).indexOf(line.h);
		if (kept.has(i)) at = line.f;
		else if (like >= 0) at += 1 + like;
		if (!beside.has(at)) beside.set(at, []);
		beside.get(at).push(line);
	});
	const rows = [];
	let number = decl.at;
	decl.src.forEach((html, i) => {
		const n = decl.first + i, out = beside.get(n) || [];
		let same = out.findIndex(l => l.h === html);
		if (same < 0) same = 0;
		for (let k = 0; k < Math.max(1, out.length); k++) {
			const row = { src: k === same ? { n, h: html } : null, out: out[k] || null };
			if (row.out) row.n = number++;
			rows.push(row);
		}
	});
	return rows;
}

function codeView(decl, functions) {
	const of = sourceParts(functions, decl.functions);
	const box = el("div", { class: "code" }, el("div", { class: "head" }, el("span", {}, "Source"), el("span", {}, "Lowered")));
	const plain = decl.out.every(l => !l.s && !l.x && !l.g);
	for (const r of align(decl)) {
		const row = el("div", { class: "row" + (r.out ? "" : " gone") + (r.src ? "" : " extra") });
		if (r.src) {
			const o = of[r.src.n];
			const a = o ? attributes(o.s, o.x, o.g) : {};
			row.append(el("span", { class: "ln" }, String(r.src.n)),
				el("span", { class: "cell src" + (o && o.x.length && !o.s.length ? " exitline" : ""), html: r.src.h || " ", ...a }));
		} else row.append(el("span", { class: "ln" }), el("span", { class: "cell none" }));
		if (r.out) {
			let a = parts(functions, r.out, textOf(r.out.h));
			if (plain && of[r.out.f]) a = attributes(of[r.out.f].s, of[r.out.f].x, of[r.out.f].g);
			const changed = !r.src || r.src.h !== r.out.h;
			row.append(el("span", { class: "ln" }, String(r.n)), el("span", { class: "cell out" + (changed ? " new" : ""), html: r.out.h || " ", ...a }));
		} else row.append(el("span", { class: "ln" }), el("span", { class: "cell none" }));
		box.append(row);
	}
	return box;
}

// whenText says when a call runs.
function whenText(f, r) {
	switch (r.when) {
	case "always": return "";
	case "records": return "for each iteration, the newest first";
	}
	const bit = f.sites[r.sites[0]].bit;
	return bit ? "if " + bit : "if pending";
}

// forLines says which statements the guards for a panic are for, if there is a choice: each
// guard lights up by itself.
function forLines(f, n, p) {
	const several = p.guards.length > 1, count = p.guards.reduce((k, i) => k + f.guards[i].sites.length, 0);
	if (!several && count === f.sites.length) return null;
	return el("p", { class: "empty" }, count === 1 ? "for line " : "for lines ", p.guards.map((i, k) => {
		const sites = f.guards[i].sites, one = sites.length === 1;
		return [k ? ", " : "", el("span", {
			class: "ref", "data-g": n + "." + i, "data-h": one && String(sites[0] % hues), title: sites.map(s => f.sites[s].call).join("\n"),
			tabindex: several && "0", "data-card": several,
		}, sites.map(s => f.sites[s].ref).join(", "))];
	}).flat());
}

function factsView(f, n, where) {
	const sites = f.sites.map((s, i) => el("li", { class: "card", tabindex: 0, "data-s": n + "." + i, "data-h": i % hues, "data-card": true },
		el("span", { class: "at" }, where(s)), el("span", { class: "chip", style: "--s:var(--" + s.strategy + ",var(--soft))" }, s.strategy), " ",
		el("code", {}, "defer " + s.call),
		el("dl", {},
			el("dt", {}, "why"), el("dd", {}, s.why),
			el("dt", {}, "costs"), el("dd", {}, s.cost),
			s.bit ? [el("dt", {}, "bit"), el("dd", {}, el("code", {}, s.bit))] : [],
			el("dt", {}, "gc"), el("dd", {}, s.gc + ", since " + s.gcwhy),
			s.remedy ? [el("dt", {}, "better"), el("dd", {}, s.remedy)] : [])));
	const exits = f.exits.map((e, i) => el("li", { class: "card", tabindex: 0, "data-x": n + "." + i, "data-card": true },
		el("span", { class: "at" }, String(e.line)), el("code", {}, e.text),
		e.runs.length ? el("ol", {}, e.runs.map(r => el("li", { "data-s": r.sites.map(s => n + "." + s).join(" "), "data-h": r.sites[0] % hues },
			el("code", {}, r.sites.map(s => f.sites[s].call).join(", ")), " ", el("span", { class: "when" }, whenText(f, r)))))
			: el("p", { class: "empty" }, "nothing is pending"),
		e.shared && el("p", { class: "empty" }, "in the tail that exits share")));
	const panics = f.panics.map(p => el("li", { class: "card", tabindex: 0, "data-g": p.guards.map(i => n + "." + i).join(" "), "data-card": true, style: "--hue:var(--guard)" },
		p.where ? el("span", { class: "at" }, String(p.where)) : "", p.what, forLines(f, n, p),
		(p.more || []).map(m => el("p", { class: "empty" }, m)),
		p.calls && el("details", {}, el("summary", {}, "the calls"), el("ul", {}, p.calls.map(c => el("li", { class: "empty" }, c))))));
	return el("div", { class: "facts" },
		el("section", { "aria-label": "Defer statements" }, el("h3", {}, "Defer statements"), el("ul", {}, sites)),
		el("section", { "aria-label": "Exits" }, el("h3", {}, "At each exit"), exits.length ? el("ul", {}, exits) : el("p", { class: "empty" }, "It never returns.")),
		el("section", { "aria-label": "Guard" }, el("h3", {}, "For panics and Goexit"),
			panics.length ? el("ul", {}, panics) : el("p", { class: "empty" }, f.kept || (f.proof ? "No guard: " + f.proof : "No guard."))));
}

// Light lights up what belongs together below root.
class Light {
	constructor(root) {
		this.root = root;
		this.held = null;
		const find = e => e.target.closest && e.target.closest("[data-s],[data-x],[data-g]");
		root.addEventListener("pointerover", e => { if (!this.held) this.show(find(e)); });
		root.addEventListener("pointerleave", () => { if (!this.held) this.show(null); });
		root.addEventListener("focusin", e => { if (e.target.matches("[data-card]")) this.show(e.target); });
		root.addEventListener("click", e => { const t = find(e); this.held = t && this.held !== t ? t : null; this.show(t); });
	}
	show(e) {
		for (const l of this.root.querySelectorAll(".lit")) l.classList.remove("lit");
		const on = !!e && this.root.contains(e);
		this.root.classList.toggle("lighting", on);
		if (!on) return;
		const key = e.dataset.s ? "s" : e.dataset.x ? "x" : "g";
		const lit = l => { l.classList.add("lit"); };
		for (const id of e.dataset[key].split(" "))
			for (const l of this.root.querySelectorAll("[data-" + key + '~="' + id + '"]')) lit(l);
		lit(e);
	}
	hold(e) { this.held = e; this.show(e); }
	clear() { this.hold(null); }
}

// Theme: light or dark, as the system has it unless somebody chose.
function theme(button) {
	const root = document.documentElement;
	try { const t = localStorage.getItem("dedefer-theme"); if (t) root.dataset.theme = t; } catch { /* of a file: page, perhaps */ }
	const toggle = () => {
		const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme:dark)").matches;
		root.dataset.theme = dark ? "light" : "dark";
		try { localStorage.setItem("dedefer-theme", root.dataset.theme); } catch { /* as above */ }
	};
	button.addEventListener("click", toggle);
	return toggle;
}
