// Forms work without this script. It keeps what a person who is signed in has typed into
// a long one, in this tab alone and for a day, and brings it back after a reload, a way
// back or another login. Files, secrets and words of honour are given again.
"use strict";
(() => {
	const day = 24 * 60 * 60 * 1000, mine = "kept " + document.body.dataset.who + " ";
	const read = name => {
		try {
			const kept = JSON.parse(sessionStorage.getItem(name));
			return kept && Date.now() - kept.at < day ? kept : null;
		} catch {
			return null;
		}
	};
	const write = (name, kept) => {
		try {
			if (kept) sessionStorage.setItem(name, JSON.stringify({at: Date.now(), ...kept}));
			else sessionStorage.removeItem(name);
		} catch { /* a browser without storage keeps nothing */ }
	};
	const all = () => {
		try {
			return Object.keys(sessionStorage).filter(name => name.startsWith("kept "));
		} catch {
			return [];
		}
	};
	const done = document.querySelector(".done");
	for (const name of all()) if (!name.startsWith(mine) || !read(name) || done && read(name).sent) write(name, null);

	const ticks = element => element.type === "checkbox" || element.type === "radio";
	const honour = ["declared", "agreed", "consent"];
	const written = "input:not([type=hidden], [type=file], [type=password], [readonly], [autocomplete=one-time-code]), select, textarea";
	const fields = form => [...form.elements].filter(element => element.name && !honour.includes(element.name) && (ticks(element) || element.matches(written)));
	const typed = element => ticks(element) ? element.checked : element.value;
	const served = element => ticks(element) ? element.defaultChecked : element.defaultValue ?? ([...element.options].find(option => option.defaultSelected) ?? element.options[0])?.value ?? "";
	const valuesOf = (form, value) => fields(form).map(element => [element.name, value(element)]);
	// By name, since a form may come with more rows than the one that is filled.
	const fill = (form, pairs) => {
		const left = {};
		for (const [name, value] of pairs) (left[name] ??= []).push(value);
		for (const element of fields(form)) {
			const value = left[element.name]?.shift();
			if (value === undefined) continue;
			if (ticks(element)) element.checked = value;
			else element.value = value;
		}
	};
	for (const form of document.querySelectorAll("form[data-keep]")) {
		const name = mine + form.dataset.keep, before = read(name), note = form.querySelector("[data-brought]");
		const told = JSON.stringify(valuesOf(form, served));
		// The form as it was sent: with what is wrong in it, what it touches, or more rows.
		// Another form of the page is as it was.
		const again = before && before.base !== told && (before.sent || document.querySelector("#faults, .touch"));
		const base = again ? before.base : told;
		const save = sent => {
			const now = valuesOf(form, typed);
			write(name, JSON.stringify(now) === base ? null : {base, sent, typed: now});
		};
		if (again) save(false);
		else if (before?.base === told) {
			fill(form, before.typed);
			note.hidden = false;
			form.closest("details")?.setAttribute("open", "");
		} else write(name, null);
		form.addEventListener("input", () => save(false));
		form.addEventListener("submit", () => save(true));
		note.querySelector("button").addEventListener("click", () => {
			write(name, null);
			form.reset();
			note.hidden = true;
		});
	}
})();
