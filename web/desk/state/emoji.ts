/**
 * The emoji that people who work with customers use, each with the words by which it is found, in
 * English and Chinese. A set small enough to be seen whole; every other one the keyboard has.
 */

const SAID = `
😀 grinning,happy,smile,笑,开心
😃 smiling,happy,joy,高兴
😄 laughing,happy,笑
😁 beaming,smile,露齿笑
😅 relieved,sweat,尴尬,汗
😂 tears of joy,lol,laugh,笑哭
🙂 slight smile,微笑
😉 wink,眨眼
😊 warm smile,blush,脸红,微笑
😇 angel,innocent,天使
😍 in love,heart eyes,喜欢
🤩 star-struck,wow,太棒了
😘 kiss,亲亲
😎 cool,sunglasses,酷
🤗 hug,拥抱
🤔 thinking,hmm,思考
🤨 doubtful,怀疑
😐 neutral,面无表情
😬 grimace,oops,尴尬
🙄 eye roll,翻白眼
😴 asleep,tired,睡
😕 confused,困惑
😟 worried,担心
🙁 frown,sad,难过
😢 crying,sad,哭
😭 sobbing,cry,大哭
😱 scared,shock,惊恐
😳 flushed,surprised,惊讶
😮 open mouth,surprised,哇
😤 huffing,annoyed,生气
😡 angry,mad,愤怒
🤯 mind blown,震惊
🥳 party,celebrate,庆祝
🤒 ill,sick,生病
🫡 salute,yes,敬礼
👍 thumbs up,yes,good,ok,赞,好
👎 thumbs down,no,bad,不好
👌 ok,perfect,好的
✌️ victory,peace,胜利
🤞 fingers crossed,luck,祝好运
🤝 handshake,deal,握手,合作
👏 clapping,applause,鼓掌
🙌 raised hands,hooray,万岁
🙏 thank you,please,谢谢,拜托
💪 strong,muscle,加油
👋 waving,hello,hi,bye,你好,再见
👉 pointing right,右
👈 pointing left,左
👆 pointing up,上
👇 pointing down,下
☝️ one,wait,一
✍️ writing,写
👀 eyes,look,看
❤️ red heart,love,爱心
🧡 orange heart,橙心
💛 yellow heart,黄心
💚 green heart,绿心
💙 blue heart,蓝心
💜 purple heart,紫心
🖤 black heart,黑心
💔 broken heart,心碎
💯 hundred,perfect,满分
✨ sparkles,new,闪亮
⭐ star,星
🌟 glowing star,星
🔥 fire,hot,火
🎉 party popper,congratulations,恭喜,庆祝
🎁 gift,present,礼物
🎂 cake,birthday,生日,蛋糕
🎈 balloon,气球
🏆 trophy,win,奖杯
✅ check,done,yes,完成,对
❌ cross,no,wrong,错
❓ question,问题
❗ exclamation,important,重要
⚠️ warning,注意,警告
ℹ️ information,信息
🚫 forbidden,not allowed,禁止
🆗 ok button,好
🆕 new,新
🔝 top,顶
➡️ right arrow,右
⬅️ left arrow,左
⬆️ up arrow,上
⬇️ down arrow,下
🔁 repeat,重复
⏳ hourglass,wait,等待
⏰ alarm clock,time,时间,闹钟
📅 calendar,date,日期
📦 parcel,package,order,包裹,快递
🚚 delivery truck,shipping,送货
✈️ airplane,travel,飞机
🚀 rocket,fast,火箭
🏠 house,home,家
🏢 office,building,办公楼
🏪 shop,store,商店
🛒 shopping cart,购物车
🛍️ shopping bags,购物
💳 credit card,payment,信用卡,支付
💰 money,price,钱
🧾 receipt,invoice,发票,收据
🏷️ label,price tag,标签
💡 idea,light bulb,主意
🔧 wrench,repair,fix,修理
🛠️ tools,fix,工具
⚙️ settings,gear,设置
🔒 locked,secure,锁,安全
🔓 unlocked,解锁
🔑 key,password,钥匙,密码
🔍 search,find,搜索
🔗 link,链接
📎 paper clip,attachment,附件
📄 page,document,文档
📁 folder,文件夹
📊 chart,statistics,图表
📈 rising,growth,上涨
📉 falling,下跌
✉️ letter,mail,e-mail,邮件
📧 e-mail,邮箱
📞 telephone,call,电话
📱 mobile phone,手机
💻 laptop,computer,电脑
🖥️ screen,desktop,屏幕
🖨️ printer,打印机
📷 camera,photo,相机
🎧 headphones,support,耳机,客服
💬 chat,speech,聊天
🔔 bell,notification,铃,通知
🔕 no bell,mute,静音
☀️ sun,晴
🌧️ rain,雨
❄️ snow,cold,雪
🌈 rainbow,彩虹
🌍 world,earth,世界
🌱 plant,green,植物
🌸 blossom,flower,花
🌹 rose,玫瑰
🐶 dog,狗
🐱 cat,猫
🐼 panda,熊猫
☕ coffee,咖啡
🍵 tea,茶
🍺 beer,啤酒
🍕 pizza,披萨
🍎 apple,苹果
🥂 cheers,干杯
🧧 red envelope,红包
🏮 lantern,灯笼
🇨🇳 China,中国
🇬🇧 United Kingdom,英国
🇺🇸 United States,美国
🇪🇺 Europe,欧盟
`;

export const EMOJI = SAID.trim().split("\n").map((line): [string, string] => {
  const gap = line.indexOf(" ");
  return [line.slice(0, gap), line.slice(gap + 1)];
});
