// Passkeys: a form that holds a button for one asks the browser, and sends what
// it says. Without a script, or in a browser without keys, it stays hidden.
"use strict";
(() => {
	const keys = window.PublicKeyCredential;
	if (!keys?.parseRequestOptionsFromJSON) return;
	async function ask(form) {
		const answer = await fetch(form.dataset.options, {method: "POST"});
		if (!answer.ok) return ""; // the page that the form leads to says why
		const options = (await answer.json()).publicKey;
		const made = form.dataset.passkey === "create"
			? await navigator.credentials.create({publicKey: keys.parseCreationOptionsFromJSON(options)})
			: await navigator.credentials.get({publicKey: keys.parseRequestOptionsFromJSON(options)});
		return JSON.stringify(made);
	}
	for (const form of document.querySelectorAll("[data-passkey]")) {
		const says = form.querySelector("[data-says]");
		form.hidden = false;
		form.addEventListener("submit", async event => {
			event.preventDefault();
			says.hidden = true;
			try {
				form.elements.credential.value = await ask(form);
			} catch {
				says.hidden = false; // the person thought better of it, or the browser
				return;
			}
			form.submit();
		});
	}
	document.querySelectorAll("[data-keyless]").forEach(note => note.hidden = true);
})();
