// What is selected in one set of charts is selected in the other sets of the page over the same reviews, without the server.
// The sets are looked for here: a set that held another could reach the browser before it. The server sets the others
// itself once it hears of this one. Were it told of them, too, it could set back what has been selected meanwhile.
const {example} = points.data
const same = (other) => other.length === example.length && example.every((each, row) => each === other[row])
for (const root of Bokeh.documents.flatMap((each) => each.roots())) {
  for (const model of root.references()) {
    if (model.name === "reviews" && model !== points && same(model.data.example)) {
      model.selected.setv({indices: cb_obj.indices}, {sync: false})
    }
  }
}
