"""Example queries over the store: each asks something worth knowing of a trained network. Tests run them all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Query:
    """`sql` asks of the run {run}; `reading` says how to read the answer."""

    title: str
    reading: str
    sql: str

    def of(self, run: str) -> str:
        return self.sql.replace("{run}", run.replace("'", "''")).strip()


LAST = "(SELECT max(epoch) FROM impacts WHERE run = '{run}')"

QUERIES = (
    Query(
        "Words with the largest mean impact over all test examples",
        "How far a word moves the probability of a class on average, and in how many places it stands; "
        "share_in_class is the share of the word's places in training that were in examples of that class.",
        f"""
SELECT word, class, count(*) AS places, round(avg(impact), 4) AS mean_impact,
       round(1.96 * stddev(impact) / sqrt(count(*)), 4) AS plus_minus,
       round(any_value(counts["class"] / nullif(vocabulary.count, 0)), 2) AS share_in_class
FROM impacts JOIN elements USING (run, example, position)
     JOIN vocabulary USING (run, token)
WHERE run = '{{run}}' AND epoch = {LAST} AND known
GROUP BY word, class HAVING places >= 20
ORDER BY abs(mean_impact) DESC, word, class LIMIT 20
""",
    ),
    Query(
        "When in training did boring become negative?",
        "Mean impact of one word on every class at every explained epoch, the share of its places where it lowers the "
        "probability of the class, and the test accuracy at that epoch.",
        """
SELECT epoch, class, count(*) AS places, round(avg(impact), 4) AS mean_impact,
       round(avg((impact < 0)::INT), 3) AS share_lowering, round(any_value(value), 3) AS test_accuracy
FROM elements JOIN impacts USING (run, example, position) JOIN metrics USING (run, epoch)
WHERE run = '{run}' AND lower(element) = 'boring' AND metrics.split = 'test' AND metric = 'accuracy'
GROUP BY epoch, class ORDER BY epoch, class
""",
    ),
    Query(
        "Examples whose prediction turned on their last tenth",
        "What the network would have said after nine tenths of the elements, and what it says at the end.",
        f"""
WITH told AS (
  SELECT example, position, count(*) AS outputs, max(probability) AS highest, arg_max(class, probability) AS likeliest
  FROM examples JOIN impacts USING (run, example)
  WHERE run = '{{run}}' AND epoch = {LAST} AND length >= 10 AND length = original_length
    AND position IN (length, length - greatest(1, length // 10))
  GROUP BY example, position
), said AS (
  SELECT example, position, if(outputs = 1, greatest(highest, 1 - highest), highest) AS probability,
         if(outputs = 1 AND highest < 0.5, other, likeliest) AS class
  FROM told, (SELECT any_value(class) AS other FROM classes WHERE run = '{{run}}' AND NOT is_output)
)
SELECT id, label, length, early.class AS after_nine_tenths, round(early.probability, 3) AS probability_then,
       final.class AS at_the_end, round(final.probability, 3) AS probability, '... ' || right(text, 60) AS last_words
FROM examples
     JOIN said AS final ON final.example = examples.example AND final.position = length
     JOIN said AS early ON early.example = examples.example AND early.position < length
WHERE run = '{{run}}' AND early.class <> final.class
ORDER BY early.probability + final.probability DESC, id LIMIT 10
""",
    ),
    Query(
        "Words that pull differently after not",
        "Mean impact of a word right after not and elsewhere; a network that understands not turns the sign.",
        f"""
WITH placed AS (
  SELECT run, example, position, lower(element) AS word,
         lag(lower(element)) OVER (PARTITION BY example ORDER BY position) = 'not' AS follows_not
  FROM elements WHERE run = '{{run}}'
)
SELECT word, class, count(*) FILTER (follows_not) AS places_after_not,
       round(avg(impact) FILTER (follows_not), 4) AS after_not,
       round(avg(impact) FILTER (follows_not IS NOT TRUE), 4) AS elsewhere
FROM placed JOIN impacts USING (run, example, position)
WHERE run = '{{run}}' AND epoch = {LAST}
GROUP BY word, class HAVING places_after_not >= 20
ORDER BY abs(after_not - elsewhere) DESC, word, class LIMIT 15
""",
    ),
    Query(
        "Do names or professions carry impacts they should not?",
        "A neutral word with a mean impact far from 0; share_in_class near 0.5 says the data gave no reason for it, "
        "known false that the network cannot tell the word from any other unknown one.",
        f"""
SELECT lower(element) AS name, class, any_value(known) AS known, count(*) AS places,
       round(avg(impact), 4) AS mean_impact, round(1.96 * stddev(impact) / sqrt(count(*)), 4) AS plus_minus,
       round(any_value(counts["class"] / nullif(vocabulary.count, 0)), 2) AS share_in_class
FROM elements JOIN impacts USING (run, example, position)
     JOIN vocabulary USING (run, token)
WHERE run = '{{run}}' AND epoch = {LAST} AND lower(element) IN
      ('john', 'mary', 'michael', 'jennifer', 'david', 'sarah', 'peter', 'anna', 'spielberg', 'kubrick',
       'actor', 'actress', 'author', 'authors', 'doctor', 'lawyer', 'nurse', 'police', 'teacher', 'writer')
GROUP BY name, class ORDER BY abs(mean_impact) DESC, name, class
""",
    ),
    Query(
        "Where in a sequence is each class decided?",
        "Mean size of the impacts on a class in every tenth of a sequence, of examples of that class and of others.",
        f"""
SELECT class, ceil(10 * position / length)::INT AS tenth, count(*) FILTER (label = class) AS places_in_class,
       round(avg(abs(impact)) FILTER (label = class), 4) AS size_in_class,
       round(avg(abs(impact)) FILTER (label <> class), 4) AS size_in_others
FROM impacts JOIN examples USING (run, example)
WHERE run = '{{run}}' AND epoch = {LAST} AND impact IS NOT NULL
GROUP BY class, tenth ORDER BY class, tenth
""",
    ),
    Query(
        "How well does each layer keep the classes apart, and since when?",
        "Share of the nearest neighbours in the layer's own space, as many as the run lists (maps.listed_neighbors), "
        "that have the same label.",
        """
SELECT layer, epoch, round(avg((a.label = b.label)::INT), 3) AS same_label
FROM neighbors
     JOIN examples AS a ON a.example = neighbors.example
     JOIN examples AS b ON b.example = neighbors.neighbor
WHERE neighbors.run = '{run}' AND a.run = '{run}' AND b.run = '{run}'
GROUP BY layer, epoch ORDER BY layer, epoch
""",
    ),
    Query(
        "How do the runs in the store compare?",
        "Accuracy at the last epoch of every run, and what its config says of the network.",
        """
SELECT metrics.run, max(epoch) AS epochs, round(max_by(metrics.value, epoch), 4) AS test_accuracy,
       any_value(config.value) AS hidden
FROM metrics LEFT JOIN config ON config.run = metrics.run AND config.key = 'model.hidden'
WHERE split = 'test' AND metric = 'accuracy'
GROUP BY metrics.run ORDER BY test_accuracy DESC, metrics.run
""",
    ),
)
