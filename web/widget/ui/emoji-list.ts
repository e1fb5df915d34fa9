/** Which emoji there are, in which order: what people send in conversations with a shop. A list by hand, instead of all 3,800. */
export const GROUPS = {
  smileys: "😀 😃 😄 😁 😅 😂 🙂 😉 😊 😍 😘 😋 😜 🤗 🤔 🤨 😐 🙄 😬 😌 😴 😷 🤒 🥳 😎 🤓 😕 🙁 😮 😳 🥺 😢 😭 😱 😞 😩 😤 😡 🤯".split(" "),
  gestures: "👍 👎 👌 ✌️ 🤞 👋 🙏 👏 🙌 💪 👉 👈 👆 👇 ✋ 🤝 🤷 🤦 🙋 🙇 🏃".split(" "),
  hearts: "❤️ 🧡 💛 💚 💙 💜 🖤 💔 💯 ✅ ❌ ❗ ❓ ⚠️ ⭐ ✨ 🎉 🔥 💡 ⏰ ➕".split(" "),
  nature: "🐶 🐱 🐭 🐰 🦊 🐻 🐼 🐨 🦁 🐸 🐵 🐔 🐦 🦋 🐝 🌱 🌳 🌸 🌹 🌻 🍀 🍂 🌞 🌙 ☁️ 🌧️ ❄️ 🌈".split(" "),
  food: "🍎 🍌 🍇 🍓 🍑 🍅 🥕 🥑 🍞 🧀 🍕 🍔 🍟 🌮 🍜 🍣 🍰 🎂 🍫 🍪 ☕ 🍵 🍺 🍷 🥂 🍽️ 🥡 🍚".split(" "),
  things: "📦 🚚 🏠 🏢 🏪 📍 🗺️ ✈️ 🚗 🚲 🚆 🎁 🛒 💳 💰 🧾 📄 📎 📷 📞 📱 💻 🖨️ 🔑 🔒 🔧 📅 ✉️".split(" "),
};
