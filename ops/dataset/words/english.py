"""English: what visitors, agents and the bot say."""

from __future__ import annotations

from ops.dataset.words.language import Language, LookedFor, Topic

_TOPICS = (
    Topic(
        "delivery",
        "support",
        ("delivery", "delay", "courier", "address"),
        (
            "Hi, where is my order {order}? It should have been here on {weekday}.",
            "My order {order} to {city} has not arrived yet. Can you check it for me?",
            "The tracking of order {order} has not moved for {number} days.",
            "Hello, can I still change the address of order {order}? I am in {city} now.",
            "How long does shipping to {city} take for the {product}?",
        ),
        (
            "The courier says that the parcel is in {city}.",
            "It is a present for {weekday}, so I really need it by then.",
            "I was at home all day and nobody rang.",
            "The parcel number ends in {number}, if that helps.",
            "Only the {detail} was in the box, the {product} was missing.",
        ),
        (
            "I have looked at order {order}: it left our warehouse on {weekday}.",
            "The courier has it in {city} and will try again on {weekday}.",
            "I have asked the courier about it. You will hear from us within {number} hours.",
            "Shipping to {city} takes {number} working days at the moment.",
            "The address is changed. The {product} leaves our warehouse on {weekday}.",
        ),
    ),
    Topic(
        "product",
        "sales",
        ("question", "advice", "stock"),
        (
            "Is the {product} available in {city}?",
            "What is the difference between the {product} and the {product}?",
            "Does the {product} come with a {detail}?",
            "Hi! I am looking for a {product} for about {amount}. What would you recommend?",
            "When will the {product} be back in stock?",
        ),
        (
            "I would need {number} of them.",
            "Is the {detail} the same as on the older one?",
            "The page says {amount}, is that with tax?",
            "It is for a small room, so size matters.",
            "And does the {detail} fit the {product} too?",
        ),
        (
            "The {product} is in stock, {number} pieces at the moment.",
            "The main difference is the {detail}. The {product} has the newer one.",
            "Yes, a {detail} is in the box.",
            "For {amount} I would take the {product}; the {detail} alone is worth it.",
            "We expect the {product} again on {weekday}. Shall I let you know?",
        ),
    ),
    Topic(
        "returns",
        "support",
        ("return", "refund", "exchange"),
        (
            "I want to return the {product} from order {order}.",
            "How do I send back an order? The {detail} does not fit.",
            "My refund for order {order} has not come yet, it was {amount}.",
            "Can I exchange the {product} for another colour?",
        ),
        (
            "I have never used it, the box is still closed.",
            "I sent it from {city} on {weekday}.",
            "The label that you sent does not print.",
            "I paid {amount} and got back less.",
        ),
        (
            "You can return it within {number} days; the label is in your mail.",
            "We received your parcel on {weekday}. The refund of {amount} is on its way.",
            "I have made a new label for order {order}.",
            "Of course. We send the {product} as soon as yours is back.",
        ),
    ),
    Topic(
        "payment",
        "billing",
        ("payment", "invoice", "voucher"),
        (
            "My voucher does not work at the checkout. It is worth {amount}.",
            "I was charged {amount} twice for order {order}.",
            "Could you send me the invoice for order {order}?",
            "Which cards do you take? Mine was declined on {weekday}.",
        ),
        (
            "The voucher came with your newsletter on {weekday}.",
            "My bank says that {amount} was taken by you.",
            "The invoice needs our company name, please.",
            "I tried {number} times with the same card.",
        ),
        (
            "The voucher is good for orders above {amount}.",
            "One of the two was only reserved; the bank lets it go in {number} days.",
            "The invoice of order {order} is in your mail now.",
            "I have added the voucher to order {order} for you.",
        ),
    ),
    Topic(
        "warranty",
        "support",
        ("warranty", "repair", "defect"),
        (
            "The {product} stopped working after {number} weeks. Is that covered by the warranty?",
            "The {detail} of my {product} is broken. How does the warranty work?",
            "My {product} makes a strange noise when I move the {detail}.",
        ),
        (
            "I bought it in {city}, order {order}.",
            "The {detail} came off when I opened the box.",
            "It happens about {number} times a day.",
            "I still have the receipt for {amount}.",
        ),
        (
            "That is covered by the warranty. I send you a new {detail}.",
            "Please send us a picture of the {detail} of your {product}.",
            "The repair takes about {number} days once it is in {city}.",
            "The warranty of the {product} lasts two years, so you are on the safe side.",
        ),
    ),
    Topic(
        "account",
        "support",
        ("account", "password", "login"),
        (
            "I cannot sign in any more since {weekday}.",
            "How can I change the e-mail address of my account?",
            "The mail with the new password never arrives.",
        ),
        (
            "I have looked in the spam folder too.",
            "It says that I tried {number} times.",
            "My last order was {order}, does that help?",
        ),
        (
            "I have sent the mail again, it is good for {number} minutes.",
            "Your account was locked after {number} attempts; it is open again.",
            "The address is changed. Please sign in once more.",
        ),
    ),
    Topic(
        "technical",
        "technical",
        ("setup", "manual", "app"),
        (
            "The app does not find my {product}.",
            "How do I connect the {product} with the {detail}?",
            "After the update on {weekday} the {product} does not start.",
        ),
        (
            "The light blinks {number} times and then stops.",
            "I did all that the manual says, up to the {detail}.",
            "It is the version that I got in {city}.",
        ),
        (
            "Please hold the button for {number} seconds, until the light is green.",
            "Take the {detail} out, wait {number} seconds, and put it back.",
            "There is a newer version of the app since {weekday}.",
        ),
    ),
    Topic(
        "complaint",
        "support",
        ("complaint", "urgent"),
        (
            "This is the {number}. time that I write about order {order}. Nobody answers!",
            "I am really disappointed with the {product}.",
        ),
        (
            "I was promised an answer on {weekday}.",
            "For {amount} I expect more than that.",
        ),
        (
            "I am very sorry about that. I look after order {order} myself now.",
            "You are right, that should not happen. I have passed it on to our team in {city}.",
        ),
    ),
)

ENGLISH = Language(
    name="en",
    join=" ",
    materials=(
        *("oak", "walnut", "steel", "cotton", "linen", "glass", "bamboo", "leather", "ceramic"),
        *("copper", "marble", "velvet", "rattan", "brass", "wool", "cork", "birch", "slate"),
        *("aluminium", "granite", "cashmere", "teak", "silk", "enamel", "porcelain", "felt"),
        *("ebony", "pewter", "jute", "amber"),
    ),
    things=(
        *("lamp", "chair", "desk", "kettle", "backpack", "blanket", "shelf", "jacket", "mug"),
        *("headphones", "keyboard", "sofa", "curtain", "pillow", "tent", "clock", "mirror", "rug"),
        *("speaker", "bottle", "pan", "toaster", "bench", "stool", "wardrobe", "suitcase", "grill"),
        *("watch", "tripod", "monitor", "router", "vase", "basket", "hammock", "umbrella", "scale"),
        *("blender", "teapot", "drawer", "candle", "bicycle", "scooter", "telescope", "globe"),
        *("easel", "loom", "sextant", "metronome", "barometer", "astrolabe"),
    ),
    details=(
        *("cable", "cover", "handle", "screw", "battery", "charger", "lid", "strap", "manual"),
        *("filter", "hinge", "wheel", "button", "zip", "adapter", "bulb", "label", "spring"),
        *("bracket", "gasket", "hose", "valve", "knob", "buckle", "thread", "lining", "clamp"),
        *("bearing", "washer", "fuse", "ratchet", "grommet", "ferrule", "dowel"),
    ),
    cities=(
        *("London", "New York", "Berlin", "Sydney", "Manchester", "Toronto", "Singapore", "Dublin"),
        *("Chicago", "Hamburg", "Leeds", "Boston", "Melbourne", "Bristol", "Munich", "Seattle"),
        *("Glasgow", "Vienna", "Perth", "Denver", "Cardiff", "Zurich", "Ottawa", "Auckland"),
        *("Belfast", "Portland", "Inverness", "Reykjavik", "Hobart", "Ljubljana"),
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    topics=_TOPICS,
    brief=(
        *("Thanks!", "OK", "Yes, please.", "Thank you very much.", "One moment please.", "Great."),
        *("No, not yet.", "Got it, thank you.", "Hello?", "Are you still there?", "Perfect!"),
        *("I see.", "Could you repeat that, please?", "Sorry, I had to take a call."),
    ),
    greetings=(
        "Hello! What can I do for you?",
        "Good day, thank you for waiting. I have a look at it.",
        "Hi, happy to help. Could you tell me the order number?",
    ),
    farewells=(
        "Is there anything else?",
        "Have a nice day!",
        "Thank you for your patience. Goodbye!",
        "If anything comes up, just write here again.",
    ),
    bot=(
        "Hi, I am the assistant. While you wait for a colleague: what is your order number?",
        "Thank you for your message. Somebody will be with you shortly.",
        "We answer in about {number} minutes at the moment.",
    ),
    bot_answers=(
        "Orders leave our warehouse within {number} working days. Does that help?",
        "You find your invoice in your account under “Orders”.",
        "You can return anything within {number} days; the label is in your account.",
        "Our opening hours are on the contact page. Shall I call a colleague?",
    ),
    notes=(
        "Has written before, see order {order}. Be generous.",
        "Warehouse in {city} confirmed: {detail} missing.",
        "Refund of {amount} approved by the team lead.",
        "Please call back on {weekday}.",
    ),
    comments=(
        "Very friendly and quick.",
        "It took a while, but it was solved.",
        "Still waiting for the {detail}.",
        "Best support that I ever had!",
        "The bot did not understand me.",
    ),
    rare="The pattern was called heliotrope, I think.",
    apart="I would rather have a voucher than use the warranty.",
    looked_for=LookedFor("heliotrope", "order", ("voucher", "warranty")),
)
