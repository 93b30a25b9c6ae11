// The playground: Go on the left, what dedefer makes of it on the right.
(() => {
	const $ = id => document.getElementById(id);
	const data = JSON.parse($("data").textContent);
	const src = $("src"), under = $("under");
	let view = null, asked = 0, timer = 0, lines = [], current = -1, graphOn = false, last = "";
	let begin; // the engine is there
	const engine = new Promise(resolve => begin = resolve);
	// Who lowers: lower(request) and, perhaps, run(request).
	window.dedeferEngine = e => begin(e);

	const light = new Light($("panes"));
	theme($("theme"));

	for (const e of data.examples) $("example").append(el("option", { value: e.name }, e.shows));
	$("example").addEventListener("change", () => {
		const e = data.examples.find(e => e.name === $("example").value);
		if (e) { src.value = e.src; src.scrollTop = 0; changed(true); }
	});

	const unwind = () => document.querySelector("input[name=unwind]:checked").value;
	const request = () => ({ src: src.value, unwind: unwind(), keep: $("keep").checked });
	for (const r of document.querySelectorAll("input[name=unwind],#keep")) r.addEventListener("change", () => changed(true));

	// The source is shown below a transparent textarea, with the colours that it had
	// when it was lowered; lines that are new have none yet.
	function paint(errors) {
		const known = new Map((view ? view.decls[0].src : []).map(h => [textOf(h), h]));
		const of = view ? sourceParts(view.functions, view.decls[0].functions) : {};
		const same = view && src.value === last;
		lines = src.value.split("\n").map((text, i) => {
			const o = same && of[i + 1], a = o ? attributes(o.s, o.x, o.g) : {};
			const bad = (errors || []).filter(e => e.line === i + 1);
			const line = el("div", { ...a, class: bad.length ? "err" : undefined });
			if (known.has(text)) line.innerHTML = known.get(text) || " "; else line.textContent = text || " ";
			return line;
		});
		under.replaceChildren(...lines);
		$("gutter").replaceChildren(...lines.map((_, i) => el("div", {}, String(i + 1))));
		scrolled();
	}
	function scrolled() { under.scrollTop = $("gutter").scrollTop = src.scrollTop; under.scrollLeft = src.scrollLeft; }

	function changed(now) {
		paint();
		document.body.classList.add("stale");
		clearTimeout(timer);
		timer = setTimeout(lower, now ? 0 : 150);
	}

	async function lower() {
		const mine = ++asked, req = request();
		const e = await engine;
		let answer;
		try { answer = await e.lower(req); } catch (err) { answer = { errors: [{ line: 0, text: String(err) }] }; }
		if (mine !== asked) return;
		remember(req, mine);
		$("status").textContent = "";
		if (answer.errors) { showErrors(answer.errors); return; }
		document.body.classList.remove("stale");
		showErrors([]);
		view = answer.view;
		last = req.src;
		paint();
		showOut(answer);
		showFunctions(answer);
		document.documentElement.dataset.lowered = String(mine);
	}

	function showErrors(errors) {
		$("errors").replaceChildren(...errors.map(e => el("li", { onclick: () => caret(e) }, (e.line ? e.line + ":" + e.column + ": " : "") + e.text)));
		if (errors.length) paint(errors);
	}
	function caret(e) {
		if (!e.line) return;
		const at = src.value.split("\n").slice(0, e.line - 1).reduce((n, l) => n + l.length + 1, 0) + Math.max(0, e.column - 1);
		src.focus();
		src.setSelectionRange(at, at);
	}

	function showOut(answer) {
		const decl = view.decls[0];
		const known = new Set(decl.src);
		$("out").replaceChildren(...decl.out.map((l, i) => el("div", { class: "row" }, el("span", { class: "ln" }, String(i + 1)),
			el("span", { class: "cell out" + (l.s || l.x || l.g || l.n !== undefined || !known.has(l.h) ? " new" : ""), html: l.h || " ", ...parts(view.functions, l, textOf(l.h)) }))));
		$("copy").onclick = () => navigator.clipboard?.writeText(answer.code);
	}

	function showFunctions(answer) {
		const which = $("which"), name = which.selectedOptions[0]?.textContent;
		which.replaceChildren(...view.functions.map((f, i) => el("option", { value: i }, f.name)));
		$("about").classList.toggle("hide", !view.functions.length);
		const again = view.functions.findIndex(f => f.name === name);
		current = -1;
		$("losses").replaceChildren(...(answer.losses || []).map(l => el("p", { class: "note" }, "changes at line " + l.line + ": " + l.text)));
		select(again < 0 ? 0 : again);
	}
	function select(i) {
		if (i === current || !view.functions[i]) return;
		current = i;
		$("which").value = i;
		$("facts").replaceChildren(factsView(view.functions[i], i, s => el("span", {}, s.ref)));
		$("flow").replaceChildren(...(graphOn ? [graphView(view.functions[i], i)] : []));
	}
	$("which").addEventListener("change", () => select(+$("which").value));
	$("graph").addEventListener("click", () => {
		graphOn = !graphOn;
		$("graph").setAttribute("aria-pressed", String(graphOn));
		const i = current; current = -1; select(i);
	});

	// The line that the pointer or the caret is on lights up what belongs to it.
	function lineAt(n) {
		const line = lines[n];
		light.show(line && (line.dataset.s || line.dataset.x || line.dataset.g) ? line : null);
	}
	src.addEventListener("pointermove", e => lineAt(Math.floor((e.clientY - src.getBoundingClientRect().top - 6 + src.scrollTop) / 19)));
	src.addEventListener("pointerleave", () => light.show(null));
	document.addEventListener("selectionchange", () => {
		if (document.activeElement !== src || !view) return;
		const n = src.value.slice(0, src.selectionStart).split("\n").length;
		let best = -1;
		view.functions.forEach((f, i) => { if (f.line <= n && (best < 0 || f.line >= view.functions[best].line)) best = i; });
		if (best >= 0 && src.value === last) select(best);
		lineAt(n - 1);
	});
	src.addEventListener("scroll", scrolled);
	src.addEventListener("input", () => changed(false));
	src.addEventListener("keydown", e => {
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); $("run").click(); }
		if (e.key === "Tab" && !e.shiftKey && !e.ctrlKey && !e.altKey && !escaped) { e.preventDefault(); document.execCommand("insertText", false, "\t"); }
		escaped = e.key === "Escape"; // Escape, then Tab leaves the editor
	});
	let escaped = false;

	// A link holds the program: compressed, behind the #.
	async function pipe(bytes, stream) { return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer()); }
	async function encode(text) {
		const bytes = await pipe(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
		return btoa(Array.from(bytes, b => String.fromCharCode(b)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
	}
	async function decode(text) {
		const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
		return new TextDecoder().decode(await pipe(bytes, new DecompressionStream("deflate-raw")));
	}
	async function remember(req, mine) {
		const hash = "#unwind=" + req.unwind + (req.keep ? "&keep=1" : "") + "&code=" + await encode(req.src);
		if (mine === asked && hash !== location.hash) history.replaceState(null, "", hash);
	}
	async function recall(hash) {
		asked++; // what is on its way is of the program before
		document.body.classList.add("stale");
		const p = new URLSearchParams(hash.slice(1));
		const r = document.querySelector(`input[name=unwind][value="${p.get("unwind") === "none" ? "none" : "native"}"]`);
		r.checked = true;
		$("keep").checked = p.get("keep") === "1";
		const e = data.examples.find(e => e.name === p.get("example"));
		let text = e ? e.src : data.examples[0].src;
		if (p.get("code")) try { text = await decode(p.get("code")); } catch { $("status").textContent = "the link is damaged"; }
		src.value = text;
		$("example").value = (data.examples.find(e => e.src === text) || {}).name || "";
		changed(true);
	}
	addEventListener("hashchange", e => recall(new URL(e.newURL).hash));
	$("link").addEventListener("click", async () => {
		await remember(request(), asked);
		try { await navigator.clipboard.writeText(location.href); $("status").textContent = "link copied"; } catch { $("status").textContent = "the link is in the address bar"; }
	});

	// Run both programs and show what they print.
	$("run").addEventListener("click", async () => {
		const e = await engine;
		if (!e.run || $("run").disabled) return;
		$("run").disabled = true;
		$("status").textContent = "running…";
		let answer;
		try { answer = await e.run(request()); } catch (err) { answer = { errors: [{ line: 0, text: String(err) }] }; }
		$("run").disabled = false;
		$("status").textContent = "";
		if (answer.errors) { showErrors(answer.errors); return; }
		const one = (title, r) => el("div", {}, el("h3", {}, title + ": " + r.how), el("pre", { class: "mono" }, r.output || " "));
		$("result").classList.remove("hide");
		$("result").replaceChildren(el("div", { class: "bar" }, "Output ", el("span", { class: answer.same ? "same" : "differ" }, answer.same ? "the same" : "not the same")),
			el("div", { class: "runs" }, one("Go", answer.before), one("lowered", answer.after)));
		$("result").scrollIntoView({ block: "nearest" });
	});
	engine.then(e => { if (e.run) $("run").classList.remove("hide"); });

	if (!data.server) $("status").textContent = "loading…";
	recall(location.hash);
})();
