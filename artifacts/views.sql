CREATE OR REPLACE VIEW "config" AS SELECT run, "key", "value"
FROM read_parquet('artifacts/run=*/config.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "classes" AS SELECT run, "class", "ordinal", "is_output"
FROM read_parquet('artifacts/run=*/classes.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "layers" AS SELECT run, "layer", "ordinal", "width", "pooling"
FROM read_parquet('artifacts/run=*/layers.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "mapped" AS SELECT run, "example"
FROM read_parquet('artifacts/run=*/mapped.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "examples" AS SELECT run, "example", "id", "split", "label", "text", "steps", "length", "original_length", "seen", "attributes", (run, example) IN (SELECT run, example FROM mapped) AS "mapped"
FROM read_parquet('artifacts/run=*/examples.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "elements" AS SELECT run, "example", "position", "element", "start", "stop", "known", "token"
FROM read_parquet('artifacts/run=*/elements.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "vocabulary" AS SELECT run, "word", "token", "count", "counts"
FROM read_parquet('artifacts/run=*/vocabulary.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "channels" AS SELECT run, "channel", "center", "scale"
FROM read_parquet('artifacts/run=*/channels.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "training" AS SELECT run, "example", "id", "split", "label", "tokens", "steps"
FROM read_parquet('artifacts/run=*/training.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "metrics" AS SELECT run, "epoch", "split", "metric", "value"
FROM read_parquet('artifacts/run=*/metrics.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "predictions" AS SELECT run, "epoch", "example", "class", "probability", "predicted"
FROM read_parquet('artifacts/run=*/predictions.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "impacts" AS SELECT run, "epoch", "example", "position", "class", 1 / (1 + exp(-logit::DOUBLE)) AS "probability", "logit", "impact"
FROM read_parquet('artifacts/run=*/impacts.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "vectors" AS SELECT run, "epoch", "layer", "example", "vector"
FROM read_parquet('artifacts/run=*/vectors.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "points" AS SELECT run, "epoch", "layer", "example", "x", "y", "kept"
FROM read_parquet('artifacts/run=*/points.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "neighbors" AS SELECT run, "epoch", "layer", "example", "rank", "neighbor", "distance"
FROM read_parquet('artifacts/run=*/neighbors.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "maps" AS SELECT run, "epoch", "layer", "method", "landmarks", "judged", "residual_variance", "trustworthiness", "continuity", "neighborhood_hit", "linear_probe", "neighbor_probe", "linear_probe_predicted", "neighbor_probe_predicted", "components", "alignment_matrix", "alignment_offset", "alignment_residual"
FROM read_parquet('artifacts/run=*/maps.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "similarity" AS SELECT run, "epoch", "layer", "other_epoch", "other_layer", "cka", "density_correlation"
FROM read_parquet('artifacts/run=*/similarity.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "attention" AS SELECT run, "epoch", "example", "position", "weight"
FROM read_parquet('artifacts/run=*/attention.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);

CREATE OR REPLACE VIEW "faithfulness" AS SELECT run, "epoch", "method", "measure", "share", "value", "low", "high", "difference", "difference_low", "difference_high", "examples"
FROM read_parquet('artifacts/run=*/faithfulness.parquet', hive_partitioning = true, hive_types = {'run': VARCHAR}, union_by_name = true);
