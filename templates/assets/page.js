// The pages work without this script. It offers courses and schools while one
// types, adds rows, and keeps what was typed on this device.
"use strict";
(() => {
	const form = document.querySelector("[data-form]");
	const waits = 140; // milliseconds of silence before asking

	// Combobox: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
	let boxes = 0;
	function combobox(input) {
		const list = document.createElement("ul");
		let items = [], active = -1, timer = 0, asked = 0;
		list.id = "options-" + boxes++;
		list.className = "options";
		list.hidden = true;
		list.setAttribute("role", "listbox");
		list.setAttribute("aria-label", input.labels[0].textContent.trim());
		input.after(list);
		input.removeAttribute("list");
		for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]]) {
			input.setAttribute(name, value);
		}

		function close() {
			list.hidden = true;
			active = -1;
			input.setAttribute("aria-expanded", "false");
			input.removeAttribute("aria-activedescendant");
		}
		function mark(next) {
			clearTimeout(timer); // a later answer would take the list away from under the person
			asked++;
			active = (next + items.length) % items.length;
			[...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
			list.children[active].scrollIntoView({block: "nearest"});
			input.setAttribute("aria-activedescendant", list.children[active].id);
		}
		function choose(i) {
			const row = input.closest("[data-row]");
			input.value = items[i].name;
			if (row && input.dataset.suggest === "courses") {
				row.querySelector("[data-key]").value = items[i].key;
				const school = schoolField(input);
				if (school && !school.value) school.value = items[i].institution;
			}
			close();
			input.dispatchEvent(new Event("input", {bubbles: true}));
			clearTimeout(timer);
			asked++;
		}
		function show(found) {
			items = found;
			list.replaceChildren(...items.map((item, i) => {
				const option = document.createElement("li"), detail = document.createElement("span");
				option.id = list.id + "-" + i;
				option.setAttribute("role", "option");
				option.setAttribute("aria-selected", "false");
				option.textContent = item.name;
				detail.textContent = [item.code, item.institution].filter(Boolean).join(" · ");
				option.append(detail);
				option.addEventListener("pointerdown", event => event.preventDefault());
				option.addEventListener("click", () => choose(i));
				return option;
			}));
			if (!items.length) {
				const nothing = document.createElement("li");
				nothing.setAttribute("role", "option");
				nothing.setAttribute("aria-disabled", "true");
				nothing.textContent = document.body.dataset.nothing;
				list.append(nothing);
			}
			list.hidden = false;
			active = -1;
			input.removeAttribute("aria-activedescendant");
			input.setAttribute("aria-expanded", "true");
			tell(items.length, input);
		}
		async function ask() {
			const text = input.value.trim(), mine = ++asked;
			if (!text) return close();
			const query = new URLSearchParams({what: input.dataset.suggest, q: text, institution: schoolOf(input)});
			try {
				const answer = await fetch("/suggest?" + query);
				if (answer.ok && mine === asked && document.activeElement === input) show((await answer.json()).items);
			} catch {
				close(); // without the net the field is a plain field
			}
		}
		input.addEventListener("input", event => {
			clearTimeout(timer);
			if (event.isTrusted) timer = setTimeout(ask, waits);
		});
		input.addEventListener("blur", close);
		let taken = false; // the key that is down has done its work
		input.addEventListener("keydown", event => {
			taken = false;
			if (event.key === "ArrowDown" && list.hidden) ask();
			if (list.hidden || event.isComposing) return;
			if (!items.length) return event.key === "Escape" ? close() : undefined;
			if (event.key === "ArrowDown") mark(active + 1);
			else if (event.key === "ArrowUp") mark(active < 0 ? -1 : active - 1);
			else if (event.key === "Enter" && active >= 0) choose(active);
			else if (event.key === "Escape") close();
			else return;
			taken = true;
			event.preventDefault();
		});
		input.addEventListener("keypress", event => {
			if (taken) event.preventDefault();
		});
	}

	// The field that names the school of a course: the row's own, else that of all rows.
	function schoolField(input) {
		const own = input.closest("[data-row]")?.querySelector("[data-school]");
		const common = input.closest("[data-group]")?.querySelector("[data-common-school]");
		return own?.value || !common ? own : common;
	}
	const schoolOf = input => input.dataset.suggest === "courses" ? schoolField(input)?.value ?? "" : "";

	function tell(count, input) {
		const said = input.closest("[data-found]"), status = document.querySelector("[data-status]");
		if (status) status.textContent = count && said ? said.dataset.found.replace("{n}", count) : document.body.dataset.nothing;
	}

	const enhance = root => root.querySelectorAll("[data-suggest]").forEach(combobox);
	enhance(document);
	document.addEventListener("rowadded", event => enhance(event.target)); // by another script
	document.querySelector("#faults")?.focus();

	// Draft: kept on this device for a day, or until the list is cleared.
	const draftName = "draft", day = 24 * 60 * 60 * 1000;
	function readDraft() {
		try {
			const draft = JSON.parse(localStorage.getItem(draftName));
			if (draft && !(Date.now() - draft.at < day)) localStorage.removeItem(draftName);
			else return draft;
		} catch { /* no storage, or not ours */ }
	}
	const draft = form && "apart" in form.dataset ? undefined : readDraft();
	// What is shown once can be copied at a touch.
	for (const button of document.querySelectorAll("[data-copy]")) {
		if (!navigator.clipboard) continue;
		button.hidden = false;
		button.addEventListener("click", async () => {
			await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
			button.textContent = button.dataset.copied;
		});
	}

	// Work that goes on: its part of the page is asked for again until it has ended,
	// then the whole page.
	const job = document.querySelector("[data-job=running]"), often = 1500, seldom = 8000; // milliseconds
	async function follow() {
		let wait = often;
		try {
			const answer = await fetch(location.href);
			const page = new DOMParser().parseFromString(await answer.text(), "text/html"), next = page.querySelector("[data-job]");
			if (answer.status >= 500) throw answer;
			if (!next || next.dataset.job !== "running") return location.reload();
			job.querySelector("[data-job-now]").replaceWith(next.querySelector("[data-job-now]"));
		} catch {
			wait = seldom; // without the net, or while the server starts anew
		}
		setTimeout(follow, document.hidden ? seldom : wait);
	}
	if (job) setTimeout(follow, often);

	if (!form) return;

	// Rows
	const rows = form.querySelector("[data-rows]"), blank = form.querySelector("[data-blank]");
	const filled = row => [...row.querySelectorAll("input")].some(input => input.value.trim());
	let number = rows.children.length;
	function addRow(values) {
		if (rows.children.length >= Number(form.dataset.limit)) return;
		const row = blank.content.cloneNode(true).firstElementChild;
		for (const element of row.querySelectorAll("[id], [for]")) {
			if (element.id) element.id = element.id.replace(/N$/, number);
			if (element.htmlFor) element.htmlFor = element.htmlFor.replace(/N$/, number);
		}
		number++;
		for (const name in values) row.querySelector(`[name=${name}]`).value = values[name];
		rows.append(row);
		ready(row);
		enhance(row);
		return row;
	}
	function ready(row) {
		const remove = row.querySelector("[data-remove]");
		remove.hidden = false;
		remove.addEventListener("click", () => {
			const next = row.nextElementSibling ?? row.previousElementSibling;
			row.remove();
			keepOneBlank();
			(next?.isConnected ? next : rows.lastElementChild).querySelector("[name=course]").focus();
			save();
		});
	}
	function empty() {
		rows.replaceChildren();
		number = 0;
	}
	function keepOneBlank() {
		if (![...rows.children].some(row => !filled(row))) addRow({});
	}
	form.classList.add("scripted");
	[...rows.children].filter(row => !filled(row)).forEach(row => row.remove());
	number = rows.children.length;
	[...rows.children].forEach(ready);
	form.querySelector("[data-more]").addEventListener("click", event => {
		event.preventDefault();
		addRow({})?.querySelector("[name=course]").focus();
	});

	// What is typed goes into the draft, what was typed comes back from it.
	const here = location.pathname + location.search, fields = ["course", "grade", "school", "date", "key"];
	function save() {
		if ("apart" in form.dataset) return; // beside the own record: the address keeps it
		const list = [...rows.children].filter(filled).map(row => Object.fromEntries(fields.map(name => [name, row.querySelector(`[name=${name}]`).value])));
		const draft = {here, at: Date.now(), from: form.elements.from.value, list: form.elements.list.value, rows: list};
		const holds = list.length > 0 || draft.from !== "" || draft.list !== "";
		try {
			if (holds) localStorage.setItem(draftName, JSON.stringify(draft));
			else localStorage.removeItem(draftName);
		} catch { /* a browser without storage keeps nothing */ }
		kept.hidden = !holds;
	}
	function restore() {
		if (!draft || draft.here !== here || document.querySelector("#faults") || form.dataset.kept) return;
		form.elements.from.value = draft.from;
		form.elements.list.value = draft.list;
		form.querySelector(".paste").open = Boolean(draft.list);
		empty();
		draft.rows.forEach(addRow);
	}
	const kept = form.querySelector("[data-kept]");
	kept.querySelector("[data-clear]").addEventListener("click", () => {
		form.elements.from.value = form.elements.list.value = "";
		empty();
		keepOneBlank();
		save();
		form.elements.from.focus();
	});
	restore();
	keepOneBlank();
	kept.hidden = "apart" in form.dataset || !form.elements.from.value && !form.elements.list.value && ![...rows.children].some(filled);
	form.addEventListener("input", event => {
		const row = event.target.closest("[data-row]");
		if (row && event.isTrusted && event.target.name === "course") row.querySelector("[data-key]").value = "";
		keepOneBlank();
		save();
	});
	document.addEventListener("keydown", event => {
		if (event.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
			event.preventDefault();
			document.querySelector("[data-asked]")?.setAttribute("open", "");
			[...rows.children].find(row => !filled(row))?.querySelector("[name=course]").focus();
		}
	});
})();
