"""Parts of a page that the browser draws itself: a Python class, its script and its style each."""
