"""One reader for all documents: blocks and vocabulary in, claims and a ledger of every cell out."""
