// A long form of a desk works without this script, which keeps on this device for a day
// what was typed and not yet saved: a reload or an ended session loses nothing. A draft
// is put back only into a form that stands as it did when the draft was begun.
"use strict";
(() => {
	const day = 24 * 60 * 60 * 1000, begin = "draft "; // milliseconds
	const quietly = what => { try { return what(); } catch { return null; } }; // a browser without storage keeps nothing
	const read = name => quietly(() => JSON.parse(localStorage.getItem(name)));
	const drop = name => quietly(() => localStorage.removeItem(name));

	// What was sent is forgotten once a page says that it was done, and what is old at once.
	const done = document.querySelector(".notices.done");
	for (const name of quietly(() => Object.keys(localStorage)) ?? []) {
		const draft = name.startsWith(begin) && read(name);
		if (draft && (draft.sent && done || Date.now() - draft.at > day)) drop(name);
	}

	for (const form of document.querySelectorAll("form[data-draft]")) {
		const name = begin + location.pathname + " " + form.id, kept = form.querySelector("[data-kept]");
		const fields = () => [...form.elements].filter(e => e.name && !["hidden", "file", "submit", "button", "fieldset"].includes(e.type));
		const typed = () => JSON.stringify(fields().map(e => [e.name, e.type === "checkbox" || e.type === "radio" ? e.checked : e.value]));
		const begun = typed(), before = read(name);
		const save = sent => {
			const now = typed(), base = before?.base ?? begun;
			if (now === base) drop(name);
			else quietly(() => localStorage.setItem(name, JSON.stringify({at: Date.now(), base, typed: now, sent})));
			kept.hidden = now === base;
		};
		if (before && before.base === begun) {
			for (const [i, [field, value]] of JSON.parse(before.typed).entries()) {
				const element = fields()[i];
				if (element?.name !== field) break;
				if (typeof value === "boolean") element.checked = value;
				else element.value = value;
			}
			kept.hidden = false;
		}
		form.addEventListener("input", () => save(false));
		form.addEventListener("submit", () => save(true));
		kept.querySelector("[data-clear]").addEventListener("click", () => {
			drop(name);
			location.replace(location.href);
		});
	}
})();
