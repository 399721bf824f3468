// Copies a citation of the page, which stands at its foot.

export function offerCopies() {
  for (const button of document.querySelectorAll(".cite button")) {
    const words = button.closest("div").querySelector("pre");
    const says = button.nextElementSibling;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(words.textContent);
        says.textContent = "Copied.";
      } catch {
        // on a page that did not come over https a browser may have no clipboard, or not for scripts
        getSelection().selectAllChildren(words);
        says.textContent = "Marked, to be copied with Ctrl+C.";
      }
      setTimeout(() => (says.textContent = ""), 4000);
    });
  }
}
