"""The book to print and to read on a reader, made from the built site: `python tools/book.py pdf`, `... epub`.

`pages` reads the site and turns what only a screen can do into what paper can: solutions and answers stand in the
back, explorers as stills.  `paper` makes a PDF of that, `ebook` an EPUB, `checks` looks at what came out, and
`downloads` puts links on the site's pages.
"""
