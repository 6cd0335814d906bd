"""One file a page: which widgets stand where and what follows from them."""
