// Who is near a review in the layer, and what is told of reviews in words; runs before hover.js, as part of it.
// Of a few hundred reviews all of this is in the browser: `near` and the columns id, words and snippet of `points`. Of many
// thousands it is asked of the server, one review at a time: {row, key, round} goes into `asked`, the answer comes back in
// `told`, the review first and then its neighbours. What a new round of maps has made old is forgotten.
const KEPT = 400   // answers
const PATIENCE = 5000  // milliseconds until an unanswered question is asked anew
const remote = points.data.id == null
const round = remote ? near.data.round[0] : 0
if (remote && points._round !== round) {
  points._round = round
  points._answers = new Map()
}

function name_of({row, key}) {
  return `${key} ${row}`
}

/** {rows, distances, texts} of a review in a chart, texts of itself and then of its neighbours; null: not known yet. */
function known({row, key}) {
  if (remote) return points._answers.get(name_of({row, key})) ?? null
  const {id, words, snippet, example} = points.data
  const k = near.data[`n_${keys[0]}`].length / example.length
  const of = (column) => Array.from(near.data[`${column}_${key}`].slice(row * k, row * k + k))
  const rows = of("n")
  return {rows, distances: of("d"), texts: [row, ...rows].map((each) => ({id: id[each], words: words[each], snippet: snippet[each]}))}
}

/** Ask the server for what is not known. One question is under way at a time: whoever moves on asks for what is hovered then. */
function ask({row, key}) {
  const now = performance.now()
  if (!remote || (points._asking != null && now - points._asking < PATIENCE)) return
  points._asking = now
  asked.data = {row: [row], key: [key], round: [round]}
}

/** Take the server's answer. */
function take() {
  points._asking = null
  const {key, round: of, row, distance, id, words, snippet} = told.data
  if (row.length === 0 || of[0] !== round) return
  const texts = Array.from(row, (_, i) => ({id: id[i], words: words[i], snippet: snippet[i]}))
  const [self, ...rows] = row
  if (points._answers.size >= KEPT) points._answers.delete(points._answers.keys().next().value)
  points._answers.set(name_of({row: self, key: key[0]}), {rows, distances: Array.from(distance).slice(1), texts})
}
