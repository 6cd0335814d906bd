// The menu at a word or a step: leave it out, replace it, compare with and without. Joined to word_rows.js.

/** The menu; `choose(action, by)` is called with what was chosen. Words can be replaced, steps are edited elsewhere. */
function menuOf(spelled, replaceable, choose) {
  const menu = make("div", "menu", null, {role: "dialog", "aria-label": `What to do with ${spelled}`})
  const button = (text, action) => {
    const made = make("button", "", text, {type: "button"})
    made.addEventListener("click", () => choose(action))
    return made
  }
  const name = make("div", "name")
  name.append(make("bdi", "", spelled))
  menu.append(name, button("Leave out", "leave out"))
  if (replaceable) menu.append(replacing(choose))
  menu.append(button("Compare with and without", "compare"))
  return menu
}

function replacing(choose) {
  const form = make("form", "replace")
  const input = make("input", "", null, {type: "text", "aria-label": "Replace with", placeholder: "Replace with …", maxlength: "200", dir: "auto"})
  form.append(input, make("button", "", "Replace", {type: "submit"}))
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    if (input.value.trim()) choose("replace", input.value)
    else input.focus()
  })
  return form
}

/** Puts the menu below `place`, or above it where the window ends, within `root`. */
function placeMenu(root, place, menu) {
  const outer = root.getBoundingClientRect()
  const box = place.getClientRects()[0]
  const left = Math.min(Math.max(0, box.left - outer.left), Math.max(0, outer.width - menu.offsetWidth))
  menu.style.left = `${left}px`
  const below = box.bottom + 8
  const above = box.top - 8 - menu.offsetHeight
  menu.style.top = `${(below + menu.offsetHeight > window.innerHeight && above > 0 ? above : below) - outer.top}px`
}
