// The editor of a rule works without this script. It adds and drops rows at once, says
// what the rule means while one types, and keeps what was typed on this device. The
// list of cases counts in its button what is ticked.
"use strict";
(() => {
	for (const form of document.querySelectorAll("[data-counts]")) {
		const button = form.querySelector("[data-counted]"), words = button.dataset.counted, none = button.textContent;
		const count = () => {
			const ticked = form.querySelectorAll("input[name=case]:checked").length;
			button.textContent = ticked ? words.replace("{n}", ticked) : none;
		};
		form.addEventListener("change", count);
		addEventListener("pageshow", count); // the browser may have kept the ticks
		count();
	}

	const form = document.querySelector("[data-editor]");
	if (!form) return;
	const rest = 700, day = 24 * 60 * 60 * 1000, name = "rule " + location.pathname + location.search; // milliseconds

	// Rows
	let number = form.querySelectorAll("[data-row]").length;
	function addRow(list) {
		const row = list.parentElement.querySelector("[data-blank]").content.cloneNode(true).firstElementChild;
		for (const element of row.querySelectorAll("[id], [for], [data-drop]")) {
			for (const attribute of ["id", "for", "value"]) {
				if (/-N$/.test(element.getAttribute(attribute) ?? "")) element.setAttribute(attribute, element.getAttribute(attribute).replace(/N$/, number));
			}
		}
		number++;
		list.append(row);
		row.dispatchEvent(new Event("rowadded", {bubbles: true}));
		return row;
	}
	form.addEventListener("click", event => {
		const more = event.target.closest("[data-more]"), drop = event.target.closest("[data-drop]");
		if (more) {
			event.preventDefault();
			addRow(more.parentElement.querySelector("[data-rows]")).querySelector("input:not([type=hidden]), select").focus();
		}
		if (drop) {
			event.preventDefault();
			const row = drop.closest("[data-row]"), list = row.parentElement;
			row.remove();
			(list.lastElementChild ?? addRow(list)).querySelector("input:not([type=hidden]), select").focus();
			changed();
		}
	});

	// What the rule means, as it stands
	let timer = 0, asked = 0;
	async function weigh() {
		const mine = ++asked, typed = new FormData(form);
		typed.set("do", "try");
		try {
			const answer = await fetch(form.action, {method: "POST", body: new URLSearchParams(typed)});
			if (!answer.ok || mine !== asked) return;
			const page = new DOMParser().parseFromString(await answer.text(), "text/html");
			for (const id of ["means", "groups", "programmes"]) {
				const now = page.getElementById(id);
				if (now) document.getElementById(id).replaceWith(now);
			}
		} catch { /* without the net, what it meant before stays */ }
	}

	// Draft
	const read = () => {
		try {
			const kept = JSON.parse(localStorage.getItem(name));
			return kept && Date.now() - kept.at < day ? kept : null;
		} catch {
			return null;
		}
	};
	const typed = () => [...new FormData(form)].filter(([field]) => field !== "stamp");
	const kept = form.querySelector("[data-kept]"), before = read(), begun = JSON.stringify(typed());
	const base = "fresh" in form.dataset ? begun : before?.base ?? "";
	function save() {
		const now = JSON.stringify(typed());
		try {
			if (now === base) localStorage.removeItem(name);
			else localStorage.setItem(name, JSON.stringify({at: Date.now(), base, typed: JSON.parse(now)}));
		} catch { /* a browser without storage keeps nothing */ }
		kept.hidden = now === base;
	}
	function changed() {
		save();
		clearTimeout(timer);
		timer = setTimeout(weigh, rest);
	}
	function restore(list) {
		const values = new Map();
		for (const [field, value] of list) values.set(field, [...values.get(field) ?? [], value]);
		for (const side of ["source", "target"]) {
			const rows = form.querySelector(`[name=${side}_course]`).closest("[data-rows]");
			while (rows.children.length < (values.get(side + "_course") ?? []).length) addRow(rows);
		}
		const at = new Map();
		for (const element of form.elements) {
			const given = values.get(element.name);
			if (!element.name || element.name === "stamp" || element.type === "submit" || element.type === "button") continue;
			if (element.type === "checkbox" || element.type === "radio") {
				element.checked = Boolean(given?.includes(element.value));
				continue;
			}
			const i = at.get(element.name) ?? 0;
			at.set(element.name, i + 1);
			if (given?.[i] !== undefined) element.value = given[i];
		}
	}
	form.addEventListener("input", event => {
		const row = event.target.closest("[data-row]");
		if (row && event.isTrusted && event.target.dataset.suggest === "courses") row.querySelector("[data-key]").value = "";
		changed();
	});
	form.addEventListener("submit", event => {
		clearTimeout(timer);
		if (event.submitter?.value === "save") try { localStorage.removeItem(name); } catch { /* there was none */ }
	});
	kept.querySelector("[data-clear]").addEventListener("click", () => {
		try { localStorage.removeItem(name); } catch { /* there was none */ }
		location.replace(location.href);
	});
	if ("fresh" in form.dataset && before && before.base === base) {
		restore(before.typed);
		save();
		weigh();
	} else if (!("fresh" in form.dataset)) {
		save();
	}
})();
