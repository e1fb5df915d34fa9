"""What people write to the shop about: whole conversations, as they could have been.

A line is who says it and what: ``v`` the visitor, ``a`` the agent, ``n`` a note among agents.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

Who = Literal["v", "a", "n"]


class Story(Struct, frozen=True):
    """A conversation. ``to`` is the department that it is handed to after so many ``lines``.

    ``stars`` is how the visitor rates it, if it does; ``page`` where it begins.
    """

    department: str
    page: str
    title: str
    tags: tuple[str, ...]
    lines: tuple[tuple[Who, str], ...]
    stars: int | None = None
    comment: str | None = None
    to: tuple[str, int] | None = None
    language: str = "en"
    greeted: bool = False


STORIES: Final = (
    Story(
        "orders",
        "/account/orders",
        "Your orders",
        ("delivery",),
        (
            ("v", "Hi, my order HR-20418 was meant to arrive on Tuesday. Any idea where it is?"),
            ("a", "Hello! Let me look. It left us on Monday, and the courier has it in Leeds."),
            (
                "a",
                "They tried yesterday at 14:10 and found nobody. Shall I ask for Friday instead?",
            ),
            ("v", "Friday is fine, after 4 if possible 🙏"),
            ("a", "Done: Friday between 16:00 and 19:00. You will get a text before they come."),
            ("v", "Perfect, thank you!"),
        ),
        stars=5,
    ),
    Story(
        "shop",
        "/inks/harbour",
        "Harbour ink",
        ("ink",),
        (
            ("v", "Does the Harbour ink work in a Lamy with a fine nib?"),
            ("a", "Yes, very well. It is thin enough for fine nibs and dries in about 8 seconds."),
            ("v", "And on your moss notebook, does it bleed through?"),
            ("a", "No. The paper is 100 g. You will see a shadow on the back, and nothing more."),
            ("v", "Great, ordering both."),
        ),
        stars=5,
        comment="Quick and to the point.",
        greeted=True,
    ),
    Story(
        "workshop",
        "/repairs/notebooks",
        "Notebook repairs",
        ("repair",),
        (
            ("v", "The spine of my field notebook has come loose after two years of daily use."),
            ("a", "That can be sewn again. Could you send a photo of the spine?"),
            ("v", "I am on the train, will do tonight. What does it cost?"),
            ("a", "Nothing, if we made it. You only pay the postage to us."),
            ("n", "Third loose spine from the spring 2023 batch. Look at the thread."),
            ("v", "That is really kind."),
        ),
        stars=5,
        comment="You repair a two-year-old notebook for free?! Customer for life.",
    ),
    Story(
        "shop",
        "/wholesale",
        "Wholesale",
        ("wholesale",),
        (
            ("v", "Hello, we run a small bookshop in Graz. Do you sell to shops as well?"),
            ("a", "We do, from 20 notebooks on. Which ones were you thinking of?"),
            ("v", "Mostly the field notebooks, perhaps 30 to begin with, and a few inks."),
            ("a", "That would be 40 % off the shop price. Shall I send you the list by e-mail?"),
            ("v", "Yes please: einkauf@buchhandlung-graz.example"),
            (
                "n",
                "Send the price list and two sample notebooks. Delivery to Austria is 9 days now.",
            ),
            ("a", "It is on its way. I have put two samples into the post as well."),
            ("v", "Danke!"),
        ),
        stars=5,
    ),
    Story(
        "orders",
        "/account/orders",
        "Your orders",
        ("damaged", "return"),
        (
            ("v", "The ink bottle arrived broken. Blue everywhere."),
            ("a", "Oh no, I am sorry! Is anything else ruined?"),
            ("v", "The diary in the same parcel has a blue corner now."),
            (
                "a",
                "Then you get both anew. They leave this afternoon; keep the old diary for notes.",
            ),
            ("v", "Thanks, I did not expect that."),
            ("n", "Fourth broken bottle this month. Ask packing to use the sleeves again."),
        ),
        stars=4,
        comment="Sorted at once. Better packaging please.",
    ),
    Story(
        "shop",
        "/notebooks/field",
        "Field notebook",
        ("gift",),
        (
            ("v", "Can you emboss initials on the field notebook? It is a gift."),
            ("a", "Yes, up to three letters, blind or in gold. It takes two days longer."),
            ("v", "Gold, M.K.T. Would it be here by the 12th?"),
            (
                "a",
                "If you order today, it leaves on the 8th. That is early enough for all of the UK.",
            ),
            ("v", "Wonderful. Can you wrap it too?"),
            ("a", "Of course. Tick “gift” in the basket, and write what the card should say."),
        ),
        stars=5,
    ),
    Story(
        "shop",
        "/pens/brass",
        "Brass pocket pen",
        (),
        (
            ("v", "Which refills does the brass pen take?"),
            ("a", "Any G2 refill, and two of ours are in the box."),
            ("v", "ok thx"),
        ),
    ),
    Story(
        "orders",
        "/help/returns",
        "Returns",
        ("return",),
        (
            ("v", "I want to send back the desk diary, I ordered the wrong colour."),
            ("a", "No problem. What is your order number?"),
            ("v", "HR-20377"),
            (
                "a",
                "I have sent a label to your e-mail address. Would you like the clay one instead?",
            ),
            ("v", "Yes! Can you do that directly?"),
            ("a", "Done. It leaves tomorrow, you need not wait for the return."),
        ),
        stars=5,
    ),
    Story(
        "shop",
        "/inks/moss",
        "Moss ink",
        ("ink",),
        (
            ("v", "Is moss waterproof?"),
            ("a", "Not quite: it leaves a grey line when it gets wet. Harbour is."),
            ("v", "Then harbour it is. Is it ok for a vintage pen from the 50s?"),
            ("a", "Let me ask the workshop; they know old feeds better than I do."),
            ("a", "Harbour has pigments, so I hand you over to them to be safe."),
            ("a", "Hello, workshop here. In a 50s pen I would take Moss or Slate: no pigments."),
            ("v", "Very good to know, thank you both"),
        ),
        stars=5,
        to=("workshop", 5),
    ),
    Story(
        "orders",
        "/checkout",
        "Checkout",
        (),
        (
            ("v", "Your checkout says my postcode is wrong. It is not :("),
            ("a", "Sorry about that. Which postcode and country is it?"),
            ("v", "BT1 5GS, Northern Ireland"),
            (
                "a",
                "Got it: please choose “United Kingdom” and leave the region empty. It works then.",
            ),
            ("v", "It did. You should fix that."),
            ("n", "Checkout refuses BT postcodes when a region is chosen. Told Sam."),
            ("a", "We will, today. Thank you for telling us!"),
        ),
        stars=3,
    ),
    Story(
        "workshop",
        "/repairs/pens",
        "Pen repairs",
        ("repair",),
        (
            ("v", "My brass pen leaks at the thread."),
            ("a", "Then the ring has worn out. I can post you a new one, or you send us the pen."),
            ("v", "Is it easy to change?"),
            ("a", "A minute, with a toothpick. I will put a drawing into the letter."),
            ("v", "Then the ring please. 14 Mill Lane, Frome."),
        ),
    ),
    Story(
        "orders",
        "/account/invoices",
        "Invoices",
        ("invoice",),
        (
            ("v", "Need an invoice with our VAT number for order HR-20401, please."),
            ("a", "Happy to. What is the number, and which company name?"),
            ("v", "GB 123 4567 89, Field & Sons Ltd"),
            ("a", "It is in your mailbox."),
            ("v", "That was fast"),
        ),
        stars=5,
    ),
    Story(
        "shop",
        "/",
        "Halden & Rye",
        ("praise",),
        (
            ("v", "No question, I just wanted to say that the clay diary is the best I ever had."),
            ("a", "You have made four people at a press very happy. Thank you!"),
            ("v", "😊"),
        ),
        stars=5,
    ),
    Story(
        "shop",
        "/notebooks/field",
        "Field notebook",
        (),
        (
            ("v", "do you ship to canada"),
            ("a", "We do, 14 pounds, about 10 days."),
            ("v", "thats a lot for one notebook"),
            ("a", "It is, sadly. From three notebooks on it is free."),
        ),
    ),
    Story(
        "orders",
        "/account/orders",
        "Your orders",
        ("delivery",),
        (
            ("v", "It has been 12 days. Where is my parcel? HR-20290"),
            ("a", "I am sorry, that is far too long. I am looking."),
            ("a", "It was sent back to us by mistake. I send it again today by express."),
            ("v", "I needed it last weekend."),
            ("a", "I understand. I have refunded the whole order; the parcel comes all the same."),
            ("n", "Refunded £41. Second time this courier returns a parcel without a try."),
            ("v", "ok, fair enough"),
        ),
        stars=2,
        comment="Solved in the end, but 12 days...",
    ),
    Story(
        "shop",
        "/notebooks/diary",
        "Desk diary",
        (),
        (
            ("v", "您好，这款日记本是明年的吗？"),
            ("a", "您好！是的，从一月到十二月，一周两页。"),
            ("v", "可以寄到上海吗？大概多久？"),
            ("a", "可以，大约 12 个工作日，运费 14 英镑，满三本免运费。"),
            ("v", "好的，谢谢！"),
        ),
        stars=5,
        language="zh",
    ),
    Story(
        "shop",
        "/inks/harbour",
        "Harbour ink",
        ("ink",),
        (
            ("v", "请问 Harbour 墨水防水吗？"),
            ("a", "防水的，里面有颜料。建议每月清洗一次钢笔。"),
            ("v", "明白了，下单了 👍"),
        ),
        stars=4,
        language="zh",
    ),
    Story(
        "shop",
        "/pens/brass",
        "Brass pocket pen",
        ("gift",),
        (
            ("v", "Guten Tag, gibt es den Stift auch mit Gravur?"),
            ("a", "Guten Tag! Ja, bis zu zwölf Zeichen auf dem Clip, 8 € extra."),
            ("v", "Sehr schön. Bis wann muss ich für Weihnachten bestellen?"),
            ("a", "Bis zum 10. Dezember, dann ist er sicher da."),
            ("v", "Vielen Dank"),
        ),
        stars=5,
        language="de",
    ),
)

UNANSWERED: Final = (
    ("orders", "/account/orders", "Can I still change the address of order HR-20455?"),
    ("shop", "/inks/moss", "Is moss back in stock soon?"),
    ("shop", "/notebooks/field", "Is there a squared version of the field notebook?"),
    ("workshop", "/repairs/pens", "How long does a nib repair take at the moment?"),
)
"""What came while nobody was there, or nobody had time."""

LATE_ANSWER: Final = (
    "Good morning! Sorry that nobody was here. Yes, we can do that; details are in your mailbox.",
    "Hello, thank you for waiting. I have answered you by e-mail, with everything you asked for.",
)

WAITING: Final = (
    (
        "orders",
        "/account/orders",
        "Hello, my parcel says “delivered” but I do not have it. HR-20466",
    ),
    ("shop", "/notebooks/diary", "Is the clay diary available in A5?"),
    ("workshop", "/repairs/notebooks", "My notebook got wet. Can it be saved?"),
)
"""What has just come in, and waits."""

OPEN: Final = (
    Story(
        "shop",
        "/inks/harbour",
        "Harbour ink",
        ("ink",),
        (
            (
                "v",
                "Hi! I am choosing between Harbour and Slate for letters. Which would you take?",
            ),
            (
                "a",
                "For letters Slate: it shades beautifully on slow paper. Harbour for the office.",
            ),
            ("v", "And does Slate show through on thin airmail paper?"),
        ),
        greeted=True,
    ),
    Story(
        "shop",
        "/wholesale",
        "Wholesale",
        ("wholesale",),
        (
            ("v", "We are a museum shop and would like notebooks with our logo. Is that possible?"),
            ("a", "It is, from 50 pieces on. Do you have the logo as a vector file?"),
            ("v", "Yes. I will send it to you in a minute, our designer is looking for it"),
            ("a", "No hurry, I am here until five."),
        ),
    ),
    Story(
        "shop",
        "/notebooks/field",
        "Field notebook",
        ("gift",),
        (
            ("v", "I need 8 field notebooks for a wedding, each with another name. How long?"),
            ("n", "Ask at the press whether the gold foil is here."),
            ("a", "Lovely idea! About six working days with the embossing. When is the wedding?"),
            ("v", "On the 19th 💍"),
        ),
    ),
)
"""What is going on right now."""
