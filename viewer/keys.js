// Keys that hold on all pages. Esc selects nothing and keeps no review, wherever the focus is: Bokeh's own Esc asks for
// the focus on a chart. In charts a drag with Alt takes away from what is selected; that Shift adds is Bokeh's own rule.

{
  // Before Bokeh sees them: it reads a tool's mode at the first move already.
  document.addEventListener("pointerdown", (event) => turn(event.altKey), {capture: true})
  for (const name of ["keydown", "keyup"]) {
    document.addEventListener(name, (event) => { if (event.key === "Alt") turn(name === "keydown") }, {capture: true})
  }

  function turn(alt) {
    for (const tool of models()) {
      // Alt also turns `continuous` around for Bokeh, which would select anew at every step of the mouse.
      if ("continuous" in tool) tool.setv({mode: alt ? "subtract" : "replace", continuous: alt}, {sync: false})
    }
  }

  function models() {
    return Bokeh.documents.flatMap((each) => each.roots()).flatMap((root) => [...root.references()])
  }

  const TEXT = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=button])"

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return
    const path = event.composedPath().filter((each) => each instanceof Element)
    if (path.some((each) => each.matches(TEXT) || each.matches("[role=dialog]") || isOpen(each))) return
    const all = models()
    if (all.some((model) => "continuous" in model && model.overlay?.visible)) return // ends the drag alone
    for (const model of all) {
      if (model.name === "reviews" && model.selected.indices.length) model.selected.indices = []
      if (model.name === "pinned" && model.data.row.length) model.data = {row: [], key: []}
    }
    clear(all)
  })

  /** Press the header's Clear: the server selects nothing where no chart says so. */
  function clear(all) {
    const button = all.find((model) => model.tags?.includes("clear"))
    if (button) Bokeh.index.find_one_by_id(button.id)?.button_el.click()
  }

  /** Whether a list of choices is open; where a browser does not tell, it may be. */
  function isOpen(element) {
    return element.tagName === "SELECT" && (!CSS.supports("selector(:open)") || element.matches(":open"))
  }
}
