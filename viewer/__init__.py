"""The application that makes the store visible: coloured words, linked maps, training, runs and SQL."""
