// What Panel's and Bokeh's widgets leave unsaid to a screen reader: names of sliders, tick boxes, arrows and charts,
// which of a group of buttons is pressed, and what is told as soon as it changes (the class `says`). Each widget lives in a shadow root, watched from the moment it is made.

{
  const attach = Element.prototype.attachShadow
  const WATCHED = {childList: true, subtree: true, characterData: true, attributeFilter: ["class", "aria-valuetext"]}

  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options)
    new MutationObserver(() => tell(root)).observe(root, WATCHED)
    return root
  }

  function tell(root) {
    const host = root.host
    if (host.classList.contains("says")) set(host, "role", "status") // it stays while its content is replaced
    for (const handle of root.querySelectorAll("[role=slider]")) tellSlider(host, root, handle)
    for (const box of root.querySelectorAll("input[type=checkbox]")) {
      const label = root.querySelector(".bk-label")
      if (label) set(box, "aria-label", label.textContent)
    }
    for (const group of root.querySelectorAll(".bk-btn-group")) tellButtons(host, group)
    for (const canvas of root.querySelectorAll(".bk-events")) tellChart(host, canvas)
    // A text may be what its neighbour is named by.
    const next = host.nextElementSibling?.shadowRoot
    if (next?.querySelector("[role=slider], .bk-btn-group")) tell(next)
  }

  function set(element, name, value) {
    if (value && element.getAttribute(name) !== value) element.setAttribute(name, value)
  }

  /** The words just before a widget that has none of its own. */
  function before(host) {
    const root = host.previousElementSibling?.shadowRoot
    return root ? [...root.children].filter((each) => each.tagName !== "STYLE").map((each) => each.textContent).join("").trim() : ""
  }

  /** "Epoch: 10" is the name and the value; the slider's own value may be a mere place in a list. */
  function tellSlider(host, root, handle) {
    const said = root.querySelector(".bk-slider-title")?.textContent || before(host)
    const colon = said.lastIndexOf(":")
    set(handle, "aria-label", colon < 0 ? said : said.slice(0, colon))
    if (colon >= 0) set(handle, "aria-valuetext", said.slice(colon + 1).trim())
  }

  function tellButtons(host, group) {
    const buttons = [...group.querySelectorAll(".bk-btn")]
    const grouped = host.className.includes("ButtonGroup")
    if (grouped) {
      set(group, "role", "group")
      set(group, "aria-label", before(host))
    }
    for (const button of buttons) {
      if (grouped || host.classList.contains("bk-Toggle")) set(button, "aria-pressed", String(button.classList.contains("bk-active")))
      else if (!button.ariaLabel && !/\p{L}/u.test(button.textContent)) set(button, "aria-label", tooltip(host))
    }
  }

  function tooltip(host) {
    const content = view(host)?.model.tooltip?.content
    return typeof content === "string" ? content : ""
  }

  function tellChart(host, canvas) {
    if (canvas.ariaLabel) return
    const chart = host.getRootNode().host
    const model = chart && view(chart)?.model
    if (!model) return
    const axes = [model.left, model.below].map((panels) => panels?.find((each) => each.axis_label)?.axis_label)
    set(canvas, "role", "img")
    set(canvas, "aria-label", `Chart: ${axes.every(Boolean) ? axes.join(" over ") : model.name || "points"}`)
  }

  /** Bokeh's view of an element. */
  function view(element) {
    const search = (views) => {
      for (const each of views) {
        const found = each.el === element ? each : search(each.children?.() ?? [])
        if (found) return found
      }
      return null
    }
    return search(Object.values(window.Bokeh?.index ?? {}))
  }
}
