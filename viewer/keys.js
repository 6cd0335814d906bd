// Esc selects nothing and keeps no review, wherever the focus is: Bokeh's own Esc asks for the focus on a chart.

{
  const TEXT = "textarea, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=button])"

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return
    const path = event.composedPath().filter((each) => each instanceof Element)
    if (path.some((each) => each.matches(TEXT) || each.matches("[role=dialog]") || isOpen(each))) return
    const models = Bokeh.documents.flatMap((each) => each.roots()).flatMap((root) => [...root.references()])
    if (models.some((model) => "continuous" in model && model.overlay?.visible)) return // ends the drag alone
    for (const model of models) {
      if (model.name === "reviews" && model.selected.indices.length) model.selected.indices = []
      if (model.name === "pinned" && model.data.row.length) model.data = {row: [], key: []}
    }
  })

  /** Whether a list of choices is open; where a browser does not tell, it may be. */
  function isOpen(element) {
    return element.tagName === "SELECT" && (!CSS.supports("selector(:open)") || element.matches(":open"))
  }
}
