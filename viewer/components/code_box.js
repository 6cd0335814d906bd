// A labelled text area: `value` follows every key, Ctrl+Enter (Cmd+Enter) sends.

export function render({model, el}) {
  const label = document.createElement("label")
  const area = document.createElement("textarea")
  label.htmlFor = area.id = "code"
  area.className = "bk-input"
  area.spellcheck = false
  area.autocapitalize = "off"
  area.style.cssText = "width: 100%; box-sizing: border-box; resize: vertical; padding: 8px 10px; tab-size: 2;"
  area.setAttribute("aria-keyshortcuts", "Control+Enter")
  const show = () => {
    label.textContent = model.title
    area.rows = model.rows
    area.maxLength = model.longest
    if (area.value !== model.value) area.value = model.value
  }
  area.addEventListener("input", () => { model.value = area.value })
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      model.value = area.value
      model.send_msg("send")
    }
  })
  model.on(["value", "title", "rows"], show)
  show()
  el.append(label, area)
}
