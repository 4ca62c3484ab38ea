"""Lists of a page: declared by their columns, sorted by each of them on the server, read page by page by keyset.

A list's statement stands in a `.sql` file without an order and without a limit; `Listing` names its columns. From both
come the order that the address asks for (`sort=-revenue`), the rows behind a row (`after`), as many as were asked for
(`show`), the headings that sort, and which columns a narrow screen leaves out.
"""

from webapp.lists.headings import Heading as Heading
from webapp.lists.listed import Listed as Listed
from webapp.lists.listing import Listing as Listing
from webapp.lists.listing import Place as Place
