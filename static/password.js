// A labelled button beside each password: reading a long sentence again is easier than typing it twice.
// The field is hidden again when the form leaves, so that the browser never remembers it as ordinary text.

for (const input of document.querySelectorAll("input[type=password]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "linkish reveal";
  button.setAttribute("aria-controls", input.id);

  const show = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? "Masquer la saisie" : "Afficher la saisie";
  };

  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  show(false);
  input.after(button);
}
