"""One file and one card per source; the page, the archive, the crawl."""
