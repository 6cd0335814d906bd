// What is told of rows in words: to screen readers, in the legend, of the element pointed at. Joined to word_rows.js.

const DISPUTES = {
  "\u21c5": "prefix impact and leave-one-out point opposite ways",
  "\u2260": "strong for one of prefix impact and leave-one-out, grey for the other",
}
const LEGEND_DIGITS = {probability: 4, points: 1, logit: 2}

/** What a screen reader says: "boring, lowers by 12 points, position 4 of 5". */
function label(row, text, position, spelled) {
  const unknown = text.known[position - 1] ? "" : ", not in the vocabulary"
  const disagree = row.disputes?.[position - 1] ? `, ${DISPUTES[row.disputes?.[position - 1]]}` : ""
  return `${spelled}, ${verb(row, position)}${disagree}, position ${position} of ${text.slots.length}${unknown}`
}

/** The probability of the class in question before and after an element: as it is read, or without and with it. */
function beforeAndAfter(row, position) {
  return row.without ? [row.without[position - 1], row.whole] : [row.probability[position - 1], row.probability[position]]
}

function verb(row, position) {
  const [before, after] = row.toward ? row.pulled[position - 1] : beforeAndAfter(row, position)
  if (before === null) return `no impact, as the network has no answer ${row.without ? "without" : "before"} it`
  const change = 100 * (after - before)
  const size = Math.abs(change).toFixed(1)
  if (Number(size) === 0) return "changes nothing"
  if (row.toward) return `pulls towards ${row.toward[position - 1]} by ${size} points`
  return `${change > 0 ? "raises" : "lowers"} by ${size} points`
}

/** What colours, bars and marks mean, as nodes. */
function legendNodes(content, chart) {
  const legend = content.legend
  const nodes = []
  if (!legend || !legend.ends) return nodes
  const swatch = (color) => { const box = make("i", "swatch"); box.style.background = color; return box }
  const ends = [legend.ends[0].replace(MINUS, ""), legend.ends[1].replace("+", "")]
  if (chart) nodes.push(chart.legend())
  if (legend.raising) {
    const scale = make("span", "scale")
    scale.append(make("span", "end", `lowers ${legend.positive} by up to ${ends[0]}`))
    scale.append(...[...legend.lowering, legend.neutral, ...legend.raising].map(swatch))
    scale.append(make("span", "end", `raises it by up to ${ends[1]}`))
    nodes.push(scale)
  }
  if (legend.classes) {
    nodes.push(make("span", "", `pulls towards, pale to strong by up to ${ends[1]}:`))
    for (const {name, mark, tints} of legend.classes) {
      const item = make("span", "scale class")
      item.append(...tints.map(swatch), make("b", "sign", mark), name === mark ? "" : make("span", "", name))
      nodes.push(item)
    }
  }
  if (legend.attention) {
    const scale = make("span", "scale")
    scale.append(make("span", "end", "attention 0"), ...legend.attention.colors.map(swatch), make("span", "end", legend.attention.top))
    nodes.push(scale)
  }
  nodes.push(...legend.marks.map((mark) => make("span", "mark", mark)))
  return nodes
}

/** What one element did, as nodes: number `t` of a row. channel: the name of the one pointed at, if any. */
function detailNodes(content, {row, text, words, spelled}, t, channel) {
  const {element} = content
  const name = element === "step" ? `Step ${t}` : spelled ? spelled[t - 1] : words[t - 1].firstChild.textContent
  const title = make("div", "title")
  title.append(make("bdi", "shown", name), make("span", "where", `${element} ${t} of ${text.slots.length} · ${row.name}`))
  const facts = make("div", "facts")
  const fact = (what, value) => {
    const pair = make("span", "fact")
    pair.append(make("span", "what", what), make("span", "value", value))
    facts.append(pair)
  }
  tellImpact(row, t, fact)
  if (row.weights) fact("attention", row.weights[t - 1].toFixed(4))
  if (text.seen.length) fact("", content.frequencies[text.seen[t - 1]])
  if (row.disputes?.[t - 1]) fact(row.disputes?.[t - 1], DISPUTES[row.disputes?.[t - 1]])
  if (row.crossing === t) fact("", row.many ? "here the predicted class changes for the last time" : "here the probability crosses 0.5 for the last time")
  if (content.channels) tellValues(content.channels.lines, channel, row.text, t, fact)
  return [title, facts]
}

/** What the element changed: for the class it pulls towards, where that has a colour, and for the one in question. */
function tellImpact(row, t, fact) {
  const digits = LEGEND_DIGITS
  const change = (before, after, odds) => `${signed(100 * (after - before), digits.points)} points, ${signed(odds, digits.logit)} log-odds`
  const way = (before, after) => `${before.toFixed(digits.probability)} → ${after.toFixed(digits.probability)}`
  if (row.toward) {
    const [before, after, earlier, later] = row.pulled[t - 1]
    if (before !== null) fact(`pulls towards ${row.toward[t - 1]}`, `${way(before, after)}, ${change(before, after, later - earlier)}`)
  }
  const [before, after] = beforeAndAfter(row, t)
  const what = `probability of ${row.asked}${row.without ? " without it → with it" : ""}`
  const name = row.without ? "left out" : "impact"
  if (before === null) {
    fact(what, after.toFixed(digits.probability))
    return fact(name, `none: the network has no answer ${row.without ? "without" : "before"} it`)
  }
  fact(what, way(before, after))
  fact(name, change(before, after, row.without ? row.whole_logit - row.without_logit[t - 1] : row.logit[t] - row.logit[t - 1]))
}

/** The numbers of a step, the channel pointed at first. */
function tellValues(lines, channel, text, t, fact) {
  const number = (line) => (line.values[text] ?? line.values[0])[t - 1].toPrecision(4).replace("-", MINUS)
  const pointed = lines.find((line) => line.name === channel)
  if (pointed) fact(`channel ${pointed.name}`, number(pointed))
  fact("values", lines.map(number).join(", "))
}
