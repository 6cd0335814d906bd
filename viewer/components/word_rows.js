// Draws rows of coloured words from `content`; texts reach the page as text nodes only.

const STRIP_HEIGHT = 24
const LEGEND_DIGITS = {probability: 4, points: 1, logit: 2}
const HINT = "Point at a word, or go there with the arrow keys, to see what it did. Click it to leave it out or replace it."
const MINUS = "\u2212"

/** An element with classes, text and attributes. */
function make(tag, classes = "", text = null, attributes = {}) {
  const element = document.createElement(tag)
  if (classes) element.className = classes
  if (text !== null) element.textContent = text
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

function signed(value, digits) {
  const size = Math.abs(value).toFixed(digits)
  return Number(size) === 0 ? size : (value < 0 ? MINUS : "+") + size
}

export function render({model, el}) {
  const view = new View(model)
  el.append(view.root)
  return () => view.stop()
}

class View {
  constructor(model) {
    this.model = model
    this.root = make("div", "words")
    this.body = make("div", "rows")
    this.details = make("div", "details", null, {role: "status", "aria-live": "polite"})
    this.legend = make("div", "legend")
    this.root.append(this.body, this.legend, this.details)
    this.at = null // {row, position}: the word whose details are shown
    this.menu = null
    this.resizing = new ResizeObserver(() => this.paintStrips())
    this.resizing.observe(this.body)
    this.root.addEventListener("keydown", (event) => this.key(event))
    this.body.addEventListener("pointermove", (event) => this.pointed(event))
    this.body.addEventListener("pointerleave", () => this.leave())
    this.body.addEventListener("focusin", (event) => this.focused(event))
    this.body.addEventListener("scroll", () => this.closeMenu(false))
    this.body.addEventListener("click", (event) => this.clicked(event))
    this.outside = (event) => { if (this.menu && !event.composedPath().includes(this.menu)) this.closeMenu(false) }
    document.addEventListener("pointerdown", this.outside)
    this.onContent = () => this.draw()
    this.onPosition = () => this.mark(this.model.position)
    this.onPointed = ({detail}) => { if (detail.cursor === this.model.cursor) this.pointTo(detail.position) }
    document.addEventListener("pointed", this.onPointed)
    model.on(["content", "empty"], this.onContent)
    model.on("position", this.onPosition)
    model.on("remove", () => this.stop())
    this.draw()
  }

  stop() {
    this.resizing.disconnect()
    document.removeEventListener("pointerdown", this.outside)
    document.removeEventListener("pointed", this.onPointed)
    this.model.off(["content", "empty"], this.onContent)
    this.model.off("position", this.onPosition)
  }

  // ---- drawing

  draw() {
    const focus = this.root.getRootNode().activeElement
    const kept = focus && focus.dataset.position ? {row: focus.dataset.row, position: Number(focus.dataset.position)} : null
    this.closeMenu(false)
    this.content = this.model.content
    const rows = this.content.rows || []
    this.elements = new Map() // row key: {words, strip, cursor}
    this.body.replaceChildren()
    const heads = Math.max(0, ...rows.map((row) => row.cells.length))
    this.body.style.setProperty("--heads", heads)
    this.body.classList.toggle("headless", heads === 0)
    this.body.classList.toggle("compact", Boolean(this.content.compact))
    for (const row of rows) this.body.append(this.row(row, heads))
    if (!rows.length) this.body.append(make("p", "empty", this.model.empty))
    this.drawLegend()
    const first = this.root.querySelector(".row.current .word") || this.root.querySelector(".word")
    if (first) first.tabIndex = 0
    const again = this.at && this.word(this.at.row, this.at.position)
    if (!again) this.at = null
    this.showDetails()
    this.mark(this.model.position)
    this.paintStrips()
    this.showCurrent()
    if (kept) this.word(kept.row, kept.position)?.focus({preventScroll: true})
  }

  /** Scrolls the rows, not the page, to the current one. */
  showCurrent() {
    const current = this.body.querySelector(".row.current")
    if (!current) return
    const box = this.body.getBoundingClientRect()
    const place = current.getBoundingClientRect()
    const inSight = Math.min(place.bottom, box.bottom) - Math.max(place.top, box.top)
    if (inSight >= Math.min(place.height, 100)) return
    this.body.scrollTop += place.top < box.top ? place.top - box.top : Math.min(place.bottom - box.bottom, place.top - box.top)
  }

  row(row, heads) {
    const element = make("div", row.current ? "row current" : "row", null, {role: "group", "aria-label": row.name})
    const head = make("button", "head", null, {type: "button", "aria-pressed": String(row.current)})
    head.dataset.head = row.key
    for (let i = 0; i < heads; i++) head.append(this.cell(row.cells[i]))
    element.append(head)
    element.append(row.strip ? this.strip(row) : this.text(row))
    return element
  }

  cell(cell) {
    const element = make("span", "cell")
    if (!cell || !cell.text) {
      element.append("\u200b") // as high as a line, so that rows stand in line
      return element
    }
    if (cell.color) {
      const chip = make("span", "chip")
      chip.style.background = cell.color
      element.append(chip)
      element.classList.add("strong")
    }
    element.append(cell.text)
    return element
  }

  text(row) {
    const text = this.content.texts[row.text]
    const holder = make("div", "text", null, {dir: "auto"})
    holder.style.color = this.content.colors.text
    const words = []
    for (const [kind, spelled] of text.pieces) {
      if (kind === "word") {
        words.push(this.drawWord(row, text, words.length + 1, spelled))
        holder.append(words[words.length - 1])
      } else if (kind === "gap") {
        holder.append(spelled)
      } else if (kind === "break") {
        holder.append(make("span", "break", "↵", {title: "a line break of the text", "aria-hidden": "true"}))
      } else if (kind === "missing") {
        holder.append(make("span", "missing", `${spelled} `, {"aria-hidden": "true"}))
      } else {
        if (!holder.querySelector(".not-read")) holder.append(make("span", "not-read", "not read"))
        holder.append(make("span", "unread", spelled))
      }
    }
    if (text.left_out) holder.append(make("span", "unread", ` … and ${text.left_out.toLocaleString("en")} more words`))
    this.elements.set(row.key, {row, text, words, strip: null})
    return holder
  }

  drawWord(row, text, position, spelled) {
    const word = make("span", "word", spelled, {
      role: "button", tabindex: "-1", "aria-haspopup": "menu", "aria-label": this.label(row, text, position, spelled),
    })
    const bar = row.bars[position - 1]
    word.style.background = row.colors[position - 1]
    if (bar) {
      word.classList.add(bar > 0 ? "up" : "down")
      word.style.setProperty("--bar", `${(1 + 5 * Math.abs(bar)).toFixed(1)}px`)
      word.style.setProperty("--strong", bar > 0 ? this.content.colors.raises : this.content.colors.lowers)
    }
    if (!text.known[position - 1]) word.classList.add("unknown")
    if (text.ghosts[position - 1]) { word.classList.add("wide"); word.dataset.ghost = text.ghosts[position - 1] }
    word.dataset.row = row.key
    word.dataset.position = position
    word.dataset.slot = text.slots[position - 1]
    return word
  }

  /** What a screen reader says: "boring, lowers by 12 points, position 4 of 5". */
  label(row, text, position, spelled) {
    const change = 100 * (row.probability[position] - row.probability[position - 1])
    const size = Math.abs(change).toFixed(1)
    const verb = Number(size) === 0 ? "changes nothing" : `${change > 0 ? "raises" : "lowers"} by ${size} points`
    const unknown = text.known[position - 1] ? "" : ", not in the vocabulary"
    return `${spelled}, ${verb}, position ${position} of ${text.slots.length}${unknown}`
  }

  strip(row) {
    const text = this.content.texts[row.text]
    const words = text.pieces.filter(([kind]) => kind === "word").map(([, spelled]) => spelled)
    const crossing = row.crossing ? `the last crossing of one half is at word ${row.crossing}, ${words[row.crossing - 1]}`
      : "never crosses one half"
    const holder = make("div", "strip", null, {role: "img", "aria-label": `${row.name}: ${crossing}`})
    const canvas = make("canvas")
    const cursor = make("div", "cursor")
    holder.dataset.strip = row.key
    holder.append(canvas, cursor)
    this.elements.set(row.key, {row, text, words: [], spelled: words, strip: holder, canvas, cursor})
    return holder
  }

  paintStrips() {
    for (const {row, text, strip, canvas} of this.elements.values()) {
      if (strip) this.paint(row, text, strip, canvas)
    }
  }

  paint(row, text, strip, canvas) {
    const width = strip.clientWidth
    const dense = window.devicePixelRatio || 1
    if (!width) return
    canvas.width = Math.round(width * dense)
    canvas.height = Math.round(STRIP_HEIGHT * dense)
    const pen = canvas.getContext("2d")
    pen.scale(dense, dense)
    const cell = width / this.content.slots
    const middle = STRIP_HEIGHT / 2
    text.slots.forEach((slot, i) => {
      const left = (slot - 1) * cell
      const gap = cell > 6 ? 1 : 0
      pen.fillStyle = row.colors[i]
      pen.fillRect(left, 4, cell - gap, STRIP_HEIGHT - 8)
      const bar = row.bars[i]
      if (!bar) return
      pen.fillStyle = bar > 0 ? this.content.colors.raises : this.content.colors.lowers
      const height = 1 + (middle - 5) * Math.abs(bar)
      pen.fillRect(left, bar > 0 ? middle - height : middle, Math.max(cell - gap, 1), height)
    })
    if (row.crossing) {
      const x = (text.slots[row.crossing - 1] - 0.5) * cell
      pen.fillStyle = this.content.colors.text
      pen.fillRect(x - 0.75, 0, 1.5, STRIP_HEIGHT)
      pen.beginPath()
      pen.moveTo(x - 5, 0)
      pen.lineTo(x + 5, 0)
      pen.lineTo(x, 6)
      pen.fill()
    }
  }

  drawLegend() {
    const legend = this.content.legend
    this.legend.replaceChildren()
    if (!legend || !legend.ends) return
    const scale = make("span", "scale")
    const swatch = (color) => { const box = make("i", "swatch"); box.style.background = color; return box }
    scale.append(make("span", "end", `lowers ${legend.positive} by up to ${legend.ends[0].replace(MINUS, "")}`))
    scale.append(...[...legend.lowering, legend.neutral, ...legend.raising].map(swatch))
    scale.append(make("span", "end", `raises it by up to ${legend.ends[1].replace("+", "")}`))
    this.legend.append(scale, ...legend.marks.map((mark) => make("span", "mark", mark)))
  }

  // ---- pointing

  word(row, position) {
    const found = this.elements.get(row)
    if (!found) return null
    return found.strip ? (position <= found.text.slots.length ? found.strip : null) : found.words[position - 1] || null
  }

  pointed(event) {
    const word = event.target.closest(".word")
    if (word) return this.point(word.dataset.row, Number(word.dataset.position))
    const strip = event.target.closest(".strip")
    if (!strip) return
    const {text} = this.elements.get(strip.dataset.strip)
    const box = strip.getBoundingClientRect()
    const slot = Math.floor((event.clientX - box.left) / box.width * this.content.slots) + 1
    const position = text.slots.indexOf(slot) + 1
    if (position) this.point(strip.dataset.strip, position)
  }

  point(row, position) {
    if (this.at && this.at.row === row && this.at.position === position && this.model.position) return
    this.at = {row, position}
    this.showDetails()
    const slot = this.elements.get(row).text.slots[position - 1]
    this.mark(slot)
    if (this.content.linked) this.pointTo(slot)
  }

  leave() {
    this.mark(0)
    this.pointTo(0)
  }

  /** Tells all that follow: Python, the chart, and through `onPosition` the words. */
  pointTo(slot) {
    if (this.model.position !== slot) this.model.position = slot
  }

  /** Moves the line on the chart that belongs to these words. */
  moveCursor(slot) {
    if (!this.model.cursor) return
    for (const document of window.Bokeh.documents) {
      for (const line of document.all_models) {
        if (line.name === this.model.cursor && line.location !== slot) line.setv({location: slot, visible: slot > 0})
      }
    }
  }

  /** Outlines a slot in every row; what was pointed at elsewhere is told in the details. */
  mark(slot) {
    for (const marked of this.body.querySelectorAll(".at")) marked.classList.remove("at")
    for (const {row, text, words, cursor} of this.elements.values()) {
      if (!this.content.linked && (!this.at || row.key !== this.at.row)) continue
      const position = text.slots.indexOf(slot) + 1
      if (cursor) {
        cursor.style.left = `${100 * (slot - 1) / this.content.slots}%`
        cursor.style.width = `${100 / this.content.slots}%`
        cursor.classList.toggle("at", position > 0)
      } else if (position) {
        words[position - 1].classList.add("at")
      }
    }
    if (!this.content.linked) return
    this.moveCursor(slot)
    if (slot) this.follow(slot)
  }

  follow(slot) {
    const told = this.at && this.elements.get(this.at.row)
    if (told && told.text.slots[this.at.position - 1] === slot) return
    const rows = [...this.elements.values()]
    for (const found of [told, ...rows.filter((each) => each.row.current), ...rows]) {
      const position = found ? found.text.slots.indexOf(slot) + 1 : 0
      if (!position) continue
      this.at = {row: found.row.key, position}
      return this.showDetails()
    }
  }

  showDetails() {
    this.details.replaceChildren()
    if (!(this.content.rows || []).length) return
    if (!this.at) return void this.details.append(make("span", "hint", HINT))
    const {row, text, words, spelled} = this.elements.get(this.at.row)
    const t = this.at.position
    const name = spelled ? spelled[t - 1] : words[t - 1].firstChild.textContent
    const before = row.probability[t - 1]
    const after = row.probability[t]
    const title = make("div", "title")
    const shown = make("bdi", "shown", name)
    title.append(shown, make("span", "where", `word ${t} of ${text.slots.length} · ${row.name}`))
    const facts = make("div", "facts")
    const fact = (what, value) => {
      const pair = make("span", "fact")
      pair.append(make("span", "what", what), make("span", "value", value))
      facts.append(pair)
    }
    const digits = LEGEND_DIGITS
    fact(`probability of ${this.content.positive}`, `${before.toFixed(digits.probability)} → ${after.toFixed(digits.probability)}`)
    fact("impact", `${signed(100 * (after - before), digits.points)} points, ${signed(row.logit[t] - row.logit[t - 1], digits.logit)} log-odds`)
    fact("", this.content.frequencies[text.seen[t - 1]])
    if (row.crossing === t) fact("", "here the probability crosses 0.5 for the last time")
    this.details.append(title, facts)
  }

  // ---- keyboard

  focused(event) {
    const word = event.target.closest(".word")
    if (!word) return
    for (const other of this.body.querySelectorAll(".word[tabindex='0']")) other.tabIndex = -1
    word.tabIndex = 0
    this.point(word.dataset.row, Number(word.dataset.position))
  }

  key(event) {
    if (event.key === "Escape" && this.menu) { event.stopPropagation(); event.preventDefault(); return this.closeMenu(true) }
    const word = event.target.closest(".word")
    if (!word) return
    const next = this.next(word, event.key)
    if (next) { event.preventDefault(); next.focus(); return }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.openMenu(word) }
  }

  next(word, key) {
    const {words} = this.elements.get(word.dataset.row)
    const i = Number(word.dataset.position) - 1
    const on = getComputedStyle(word.parentElement).direction === "rtl" ? -1 : 1
    if (key === "ArrowRight") return words[i + on]
    if (key === "ArrowLeft") return words[i - on]
    if (key === "Home") return words[0]
    if (key === "End") return words[words.length - 1]
    if (key !== "ArrowDown" && key !== "ArrowUp") return null
    const rows = [...this.elements.values()].filter((each) => each.words.length)
    const row = rows[rows.findIndex((each) => each.row.key === word.dataset.row) + (key === "ArrowDown" ? 1 : -1)]
    if (!row) return null
    const same = row.text.slots.indexOf(Number(word.dataset.slot))
    return row.words[same >= 0 ? same : Math.min(i, row.words.length - 1)]
  }

  // ---- menu

  clicked(event) {
    const word = event.target.closest(".word")
    if (word) return this.openMenu(word)
    const head = event.target.closest(".head")
    if (head) this.model.send_msg({kind: "row", row: head.dataset.head})
  }

  openMenu(word) {
    this.closeMenu(false)
    const spelled = word.firstChild.textContent
    const menu = make("div", "menu", null, {role: "dialog", "aria-label": `What to do with ${spelled}`})
    const choose = (action, by = "") => {
      this.model.send_msg({kind: "edit", row: word.dataset.row, position: Number(word.dataset.position), action, by})
      this.closeMenu(true)
    }
    const button = (text, action) => {
      const made = make("button", "", text, {type: "button"})
      made.addEventListener("click", () => choose(action))
      return made
    }
    const form = make("form", "replace")
    const input = make("input", "", null, {type: "text", "aria-label": "Replace with", placeholder: "Replace with …", maxlength: "200", dir: "auto"})
    form.append(input, make("button", "", "Replace", {type: "submit"}))
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (input.value.trim()) choose("replace", input.value)
      else input.focus()
    })
    const name = make("div", "name")
    name.append(make("bdi", "", spelled))
    menu.append(name, button("Leave out", "leave out"), form, button("Compare with and without", "compare"))
    this.menu = menu
    this.opener = word
    this.root.append(menu)
    this.placeMenu(word, menu)
    menu.querySelector("button").focus()
  }

  placeMenu(word, menu) {
    const outer = this.root.getBoundingClientRect()
    const box = word.getClientRects()[0]
    const left = Math.min(Math.max(0, box.left - outer.left), Math.max(0, outer.width - menu.offsetWidth))
    menu.style.left = `${left}px`
    const below = box.bottom + 8
    const above = box.top - 8 - menu.offsetHeight
    menu.style.top = `${(below + menu.offsetHeight > window.innerHeight && above > 0 ? above : below) - outer.top}px`
  }

  closeMenu(refocus) {
    if (!this.menu) return
    this.menu.remove()
    this.menu = null
    if (refocus && this.opener.isConnected) this.opener.focus()
  }
}
