"""Every table of the store, declared once: columns, types, meanings. `artifacts/README.md` is generated from this."""

import pyarrow as pa

from pipeline.columns import CLASS, EPOCH, EXAMPLE, INT, LAYER, PLACE, REAL, STEPS, TEXT, Column, Table

RUN = Column("run", TEXT, "name of the run; from the folder, in every table")

TABLES = {
    table.name: table
    for table in (
        Table(
            "config",
            "key of the composed config",
            ("key",),
            (
                Column("key", TEXT, "dotted key, such as model.hidden"),
                Column("value", TEXT, "its value as YAML on one line"),
            ),
        ),
        Table(
            "classes",
            "class",
            ("ordinal",),
            (
                Column("class", TEXT, "label of the class, as in the corpus"),
                PLACE,
                Column("is_output", pa.bool_(), "whether the network has an output for this class"),
            ),
        ),
        Table(
            "layers",
            "mapped layer",
            ("ordinal",),
            (
                LAYER,
                PLACE,
                Column("width", INT, "length of the layer's vectors", "", "1 ..."),
                Column("pooling", TEXT, "how a sequence of outputs became one vector", "", "mean, last, none"),
            ),
        ),
        Table("mapped", "test example on the maps", ("example",), (EXAMPLE,)),
        Table(
            "examples",
            "test example",
            ("example",),
            (
                EXAMPLE,
                Column("id", TEXT, "identity of the example in its corpus"),
                Column("split", TEXT, "part of the corpus", "", "test"),
                Column("label", TEXT, "true class"),
                Column("text", TEXT, "the whole original text; NULL for sequences of numbers"),
                Column("steps", STEPS, "the whole original sequence of vectors; NULL for text"),
                Column("length", INT, "elements the network reads", "elements", "1 ..."),
                Column("original_length", INT, "elements before the sequence was cut", "elements", "1 ..."),
                Column("seen", pa.bool_(), "whether the same sequence also stands outside the test split"),
                Column("attributes", pa.map_(TEXT, TEXT), "what else the corpus says of it: attributes['rating']"),
                Column(
                    "mapped",
                    pa.bool_(),
                    "whether the example is on the maps",
                    derived="(run, example) IN (SELECT run, example FROM mapped)",
                    asked="mapped",
                ),
            ),
        ),
        Table(
            "elements",
            "element of a test example that the network reads",
            ("example", "position"),
            (
                EXAMPLE,
                Column("position", INT, "place in the sequence", "", "1 ... length", "DELTA_BINARY_PACKED"),
                Column("element", TEXT, "the word in its own spelling; NULL for numbers"),
                Column("start", INT, "where the word begins in the text", "characters", "0 ...", "DELTA_BINARY_PACKED"),
                Column("stop", INT, "where the word ends in the text", "characters", "1 ...", "DELTA_BINARY_PACKED"),
                Column("known", pa.bool_(), "whether the word is in the vocabulary; NULL for numbers"),
                Column("token", INT, "the word's number in vocabulary, 1 if unknown; NULL for numbers", "", "1 ..."),
            ),
        ),
        Table(
            "vocabulary",
            "word the network knows, and one for all unknown words",
            ("token",),
            (
                Column("word", TEXT, "lower-cased word; <unknown> stands for all others"),
                Column("token", INT, "its number as the network's input", "", "1 ..."),
                Column("count", pa.int64(), "how often the network met it in the training split", "words", "0 ..."),
                Column("counts", pa.map_(TEXT, pa.int64()), "the same by class: counts['pos']", "words", "0 ..."),
            ),
        ),
        Table(
            "channels",
            "channel of sequences of numbers; none for texts",
            ("channel",),
            (
                Column("channel", INT, "place of the number in every step", "", "1 ..."),
                Column("center", REAL, "subtracted before the network reads it: the mean over the training split"),
                Column(
                    "scale", REAL, "divided by after that: the standard deviation; 1 where corpus.standardize is false"
                ),
            ),
        ),
        Table(
            "training",
            "example of the other splits, as the network reads it",
            ("example",),
            (
                EXAMPLE,
                Column("id", TEXT, "identity of the example in its corpus"),
                Column("split", TEXT, "part of the corpus", "", "train, validation"),
                Column("label", TEXT, "true class"),
                Column("tokens", pa.list_(INT), "its words' numbers in vocabulary; NULL for numbers"),
                Column("steps", STEPS, "its vectors, as in the corpus: see channels; NULL for text"),
            ),
        ),
        Table(
            "metrics",
            "epoch, split and metric",
            ("epoch", "split", "metric"),
            (
                EPOCH,
                Column("split", TEXT, "part of the corpus", "", "train, validation, test"),
                Column("metric", TEXT, "what is measured, with the finished weights of the epoch, without dropout"),
                Column("value", REAL, "loss: mean cross-entropy in nats; accuracy: share that is right"),
            ),
        ),
        Table(
            "predictions",
            "epoch, test example and class the network has an output for",
            ("epoch", "example", "class"),
            (
                EPOCH,
                EXAMPLE,
                CLASS,
                Column("probability", REAL, "of the class, after the whole sequence", "", "0 to 1"),
                Column("predicted", TEXT, "class predicted for the example (the same in all its rows)"),
            ),
        ),
        Table(
            "impacts",
            "explained epoch, example, position and class the network has an output for",
            ("epoch", "example", "position", "class"),
            (
                EPOCH,
                EXAMPLE,
                Column(
                    "position",
                    INT,
                    "elements read so far; 0 is the empty prefix",
                    "",
                    "0 ... length",
                    "DELTA_BINARY_PACKED",
                ),
                CLASS,
                Column(
                    "probability",
                    REAL,
                    "of the class after these elements",
                    "",
                    "0 to 1",
                    derived="1 / (1 + exp(-logit::DOUBLE))",
                ),
                Column(
                    "logit",
                    pa.float32(),
                    "log-odds of that probability; NULL at position 0 if the network is not defined on nothing",
                    "nats",
                    "",
                    "BYTE_STREAM_SPLIT",
                ),
                Column(
                    "impact",
                    pa.float32(),
                    "probability minus that one position earlier; NULL at position 0, and at 1 if that has none",
                    "probability",
                    "-1 to 1",
                    "BYTE_STREAM_SPLIT",
                ),
            ),
        ),
        Table(
            "vectors",
            "epoch, layer and mapped example",
            ("epoch", "layer", "example"),
            (
                EPOCH,
                LAYER,
                EXAMPLE,
                Column("vector", pa.list_(pa.float32()), "the layer's output; cast it: vector::FLOAT[64]"),
            ),
        ),
        Table(
            "points",
            "epoch, layer and mapped example",
            ("epoch", "layer", "example"),
            (
                EPOCH,
                LAYER,
                EXAMPLE,
                Column(
                    "x",
                    REAL,
                    "place on the aligned map; the mean of the last, the positive, class lies right at the last epoch",
                    "layer distance",
                ),
                Column("y", REAL, "place on the aligned map", "layer distance"),
                Column("kept", REAL, "share of its nearest on the map that are its nearest in the layer", "", "0 to 1"),
            ),
        ),
        Table(
            "neighbors",
            "epoch, layer, mapped example and rank",
            ("epoch", "layer", "example", "rank"),
            (
                EPOCH,
                LAYER,
                EXAMPLE,
                Column("rank", INT, "1 is the nearest", "", "1 ..."),
                Column("neighbor", INT, "the near example"),
                Column("distance", REAL, "between the two vectors in the layer", "layer distance", "0 ..."),
            ),
        ),
        Table(
            "maps",
            "epoch and layer",
            ("epoch", "layer"),
            (
                EPOCH,
                LAYER,
                Column("method", TEXT, "how the map was drawn", "", "isomap, pca, umap, tsne"),
                Column(
                    "landmarks",
                    INT,
                    "Isomap: examples from which geodesics were measured; all that are mapped: exact. NULL for others",
                    "",
                    "3 ...",
                ),
                Column(
                    "judged",
                    INT,
                    "mapped examples on which the measures below were computed: all up to 5,000, else so many drawn",
                    "",
                    "4 ... 5000",
                ),
                Column(
                    "residual_variance",
                    REAL,
                    "1 - r^2 of distances along the neighbour graph and on the map, those to landmarks; for another "
                    "method than Isomap, to those Isomap would take; NULL if all is one point",
                    "",
                    "0 to 1",
                ),
                Column("trustworthiness", REAL, "1: who is near on the map is near in the layer", "", "0 to 1"),
                Column("continuity", REAL, "1: who is near in the layer is near on the map", "", "0 to 1"),
                Column("neighborhood_hit", REAL, "share of the nearest on the map with the same label", "", "0 to 1"),
                Column(
                    "linear_probe",
                    REAL,
                    "held-out accuracy of a linear classifier of the layer's vectors for the true label; NULL where a "
                    "class has fewer than 5 examples",
                    "",
                    "0 to 1",
                ),
                Column("neighbor_probe", REAL, "the same of a vote of the nearest vectors", "", "0 to 1"),
                Column(
                    "linear_probe_predicted",
                    REAL,
                    "linear_probe for the label the network predicts at the epoch; NULL also where it predicts one "
                    "label only, as untrained ones do",
                    "",
                    "0 to 1",
                ),
                Column("neighbor_probe_predicted", REAL, "neighbor_probe for that label", "", "0 to 1"),
                Column(
                    "components",
                    INT,
                    "connected components of the graph of nearest vectors; more than 1 were joined by nearest pairs, "
                    "for distances along it",
                    "",
                    "1 ...",
                ),
                Column(
                    "alignment_matrix",
                    pa.list_(REAL),
                    "rotation or reflection, row by row: (x, y) = place as it was drawn * matrix + offset",
                    "",
                    "4 numbers",
                ),
                Column("alignment_offset", pa.list_(REAL), "added after it", "layer distance", "2 numbers"),
                Column(
                    "alignment_residual",
                    REAL,
                    "what alignment to the next epoch leaves unexplained, free of scale; NULL for the last epoch",
                    "",
                    "0 to 1",
                ),
            ),
        ),
        Table(
            "similarity",
            "layer at an epoch and what it is compared with: itself one epoch earlier, the next layer at that epoch",
            ("epoch", "layer", "other_epoch", "other_layer"),
            (
                EPOCH,
                LAYER,
                Column("other_epoch", INT, "epoch - 1 for the layer itself, epoch for the next layer", "", "0 ..."),
                Column("other_layer", TEXT, "the layer itself, or the next in the order of layers"),
                Column(
                    "cka",
                    REAL,
                    "linear CKA of the mapped examples' vectors, 1: the same but for turning and scale; NULL if a "
                    "layer has one vector for all",
                    "",
                    "0 to 1",
                ),
                Column(
                    "density_correlation",
                    REAL,
                    "rank correlation of how near the nearest vectors are, 1: the same examples lie densely; NULL if "
                    "a layer has one vector for all",
                    "",
                    "-1 to 1",
                ),
            ),
        ),
        Table(
            "attention",
            "explained epoch, example and position, where a network has attention weights",
            ("epoch", "example", "position"),
            (
                EPOCH,
                EXAMPLE,
                Column("position", INT, "place in the sequence", "", "1 ... length", "DELTA_BINARY_PACKED"),
                Column("weight", pa.float32(), "weight of the element; they add up to 1", "", "0 to 1"),
            ),
        ),
        Table(
            "faithfulness",
            "epoch, method, measure and share; none where faithfulness.examples is 0",
            ("epoch", "method", "measure", "share"),
            (
                EPOCH,
                Column(
                    "method",
                    TEXT,
                    "what ranks the elements; random holds for no method",
                    "",
                    "gradient_input, integrated_gradients, leave_one_out, prefix_impact, random",
                ),
                Column(
                    "measure",
                    TEXT,
                    "comprehensiveness: probability of the predicted class lost without the top share of the elements, "
                    "more is better; sufficiency: lost by them alone, less is better; normalized_...: the same on the "
                    "scale from the lowest, 0, to the highest, 1, that a search led by all methods finds for any order "
                    "of an example's elements: these alone may be compared between epochs, and runs with the same "
                    "methods; hybrid_hit: share of questions answered by an element of the right class, in documents "
                    "joined from two",
                ),
                Column(
                    "share",
                    INT,
                    "of the elements, rounded up; 0 is the mean over all shares, and hybrid_hit, which has none",
                    "percent",
                    "0, 1, 5, 10, 20, 50",
                    "DELTA_BINARY_PACKED",
                ),
                Column("value", REAL, "mean over the examples or documents; NULL where none has a value"),
                Column("low", REAL, "lower end of its bootstrap interval of 95 %"),
                Column("high", REAL, "upper end"),
                Column("difference", REAL, "value minus that of prefix_impact on the same; NULL for itself"),
                Column("difference_low", REAL, "lower end of its interval of 95 %, drawn in pairs"),
                Column("difference_high", REAL, "upper end"),
                Column(
                    "examples",
                    INT,
                    "examples or documents with a value; normalized, those whose lowest and highest differ",
                    "",
                    "0 ...",
                ),
            ),
        ),
    )
}
