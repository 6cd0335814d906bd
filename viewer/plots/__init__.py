"""Frames and readings to pictures: colours, rows of words, HoloViews elements, Bokeh figures. No files, no widgets."""
