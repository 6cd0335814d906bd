// Writes `entry` into the browser's address, and tells when somebody goes back or forth.

export function render({model}) {
  let gone = model.entry.gone // how often somebody went back or forth
  const settle = () => {
    const {search, push, load} = model.entry
    if (model.entry.gone !== gone) return // made before the server knew where we are; another follows
    if (search !== location.search) {
      const address = location.pathname + search + location.hash
      if (push) history.pushState(null, "", address)
      else history.replaceState(null, "", address)
    }
    if (load) location.reload()
  }
  const go = () => model.send_msg({search: location.search, gone: ++gone})
  window.addEventListener("popstate", go)
  model.on("entry", settle)
  model.on("remove", () => window.removeEventListener("popstate", go))
  settle()
}
