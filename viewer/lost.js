// The server was ended, or cannot be reached: what is clicked now would be lost without a word. A line says so, and when
// a server answers there again the page is opened anew from its address, which holds the view.

{
  const AGAIN = 1000 // milliseconds between two tries
  let lost = false

  document.addEventListener("connection-lost", () => {
    if (lost) return
    lost = true
    const line = document.createElement("div")
    line.id = "lost"
    line.setAttribute("role", "alert")
    line.textContent = "The viewer has ended, or cannot be reached. This page opens anew as soon as it answers."
    document.body.prepend(line)
    document.querySelector("main")?.setAttribute("inert", "")
    document.querySelector("header")?.setAttribute("inert", "")
    setTimeout(tryAgain, AGAIN)
  })

  /** A script of the page is asked for, as the page itself would begin a session. */
  async function tryAgain() {
    try {
      await fetch(document.querySelector("script[src]").src, {method: "HEAD", cache: "no-store"})
      location.reload()
    } catch {
      setTimeout(tryAgain, AGAIN)
    }
  }
}
