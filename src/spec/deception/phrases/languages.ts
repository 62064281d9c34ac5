// The same vocabulary in the languages that models understand best besides English: German, Spanish, French, Italian, Portuguese,
// Russian, Chinese, Japanese, Korean, Arabic, Hindi; secrecy and overrides also in Turkish, Polish, Dutch, Vietnamese, Indonesian. Plain
// text: lower case. Looked for only in texts that may be in one of them.

/** Letters beyond ASCII, or small words that English does not have. */
const FOREIGN =
  /[^\x00-\xbf\u2000-\u2bff]|\b(?:der|das|und|nicht|dem|dann|el|los|las|una|que|del|les|une|dans|cet|della|nel|che|gli|nella|prima|uma|nao|voce|alle[nrs]?|sie|ihre?|ignoriere?|vergiss|anweisungen|ignora|ignorez|oubliez?|olvida|esqueca|instrucciones|instrucoes|consignes|istruzioni|dimentica|een|niet|het|nie|semua|jangan)\b/

export function isForeign(text: string): boolean {
  return FOREIGN.test(text)
}

/** Whole words, then what needs no space around it. */
function vocabulary(words: string, ...others: readonly string[]): string {
  return [`(?<!\\p{L})(?:${words})(?!\\p{L})`, ...others].join('|')
}

const USER_DE = '(?:benutzer|nutzer|anwender|user|kunden?)'

/** "Do not tell the user." */
export const secrecy: string = [
  '(?:不要|不得|不可|不能|请勿|切勿|无需|不必|别|勿|無需|請勿)(?:向|让|对|跟|和|讓|對)?(?:用户|使用者|用戶|任何人|他们?)?(?:告诉|告訴|告知|通知|提及|提到|透露|提醒|说明|泄露|知道|解释|察觉)',
  '(?:在)?(?:用户|使用者|用戶)(?:不知情|毫不知情|不知道)|瞒着用户|悄悄(?:地)?(?:发送|读取|上传|执行)',
  '(?:ユーザー|利用者)(?:に|には|へ)[^。]{0,20}(?:言わない|言わず|伝えない|伝えず|知らせない|知らせず|通知しない|通知せず|教えない|言及しない|説明しない|気付かれない|気づかれない|内緒)',
  '사용자(?:에게|한테|가|는)[^.。]{0,20}(?:말하지|알리지|언급하지|알려주지|설명하지|모르게|알지 못하게)',
  'не (?:говори|сообщай|рассказывай|упоминай|уведомляй|раскрывай|показывай|предупреждай)(?:те)?(?![а-яё])|не (?:сообщая|говоря|уведомляя|предупреждая) (?:об этом )?пользовател|без ведома пользовател|незаметно для пользовател',
  'no (?:se )?(?:le |lo |la )?(?:digas?|menciones?|informes?|reveles?|cuentes?|avises?|notifiques?|diga|mencione|expliques?)(?![a-z])|sin (?:avisar|decir|informar|notificar|mencionar)(?:le|lo|selo)?(?![a-z])|sin que (?:el|la) (?:usuario|persona)|a espaldas del usuario',
  "(?:ne|n') ?(?:le |la |lui |en )?(?:dis|dites|dire|mentionne[zr]?|mentionner|informe[zr]?|informer|révèle[zr]?|révéler|parle[zr]?|parler|préviens|prévenez)(?: surtout)?(?: pas| rien| jamais)|sans (?:en )?(?:le |lui |l')?(?:prévenir|avertir|informer|dire|parler|mentionner)(?! de la)|à l'insu de",
  `(?:sag|sage|sagen|erzähle?|erwähne?|erwähnen|informiere|informieren|verrate?|verraten|teile|zeige)(?: sie)?(?: (?:dem|der|den|es|ihm|das|dies|davon))?(?: ${USER_DE})?(?: \\p{L}{1,12}){0,2} (?:nicht|nichts|niemals|keinesfalls)(?!\\p{L})`,
  `(?:dem|den|der) ${USER_DE} (?:\\p{L}{1,14} ){0,3}(?:nicht|nichts|niemals|kein wort) (?:\\p{L}{1,12} ){0,2}(?:sagen|mitteilen|erzählen|verraten|erwähnen|zeigen)|ohne (?:es |das |dies )?(?:dem|den) ${USER_DE} (?:\\p{L}{1,12} )?(?:zu|mitzuteilen)|(?:muss|soll|darf|braucht) (?:\\p{L}{1,10} ){0,2}(?:nichts|nicht) (?:\\p{L}{1,12} )?(?:wissen|erfahren|merken|sehen)|ohne (?:wissen|dass (?:der|die) ${USER_DE})|hinter dem rücken`,
  '(?:não|nao) (?:o |lhe )?(?:diga|mencione|informe|revele|conte|avise|notifique)(?!\\p{L})|sem (?:avisar|contar|dizer|informar|mencionar)(?:-lhe)?(?!\\p{L})|sem que o (?:usuário|utilizador)',
  "non (?:dire|dirlo|menzionare|informare|rivelare|avvisare|dica|informi)(?!\\p{L})|senza (?:dirgli|dirglie|avvisare|informare|menzionare|dirlo|dire)\\p{L}{0,4}|all'insaputa",
  '(?:دون|بدون) (?:إخبار|علم|إبلاغ|إشعار|معرفة)|لا تخبر|لا تذكر|لا تبلغ|लिए बिना बताए|(?:को|से) (?:न|नहीं|मत) (?:बताएं|बताना|बताओ|बताएँ)|बताए बिना|बिना बताए',
  'kullanıcıya (?:söyleme|bahsetme|bildirme|haber verme)|nie (?:mów|informuj|wspominaj|ujawniaj)|nie informując|(?:vertel|zeg|meld|noem) (?:\\p{L}{1,12} ){0,4}(?:niet|niets)|zonder (?:\\p{L}{1,12} ){0,3}te (?:vertellen|melden|zeggen)|đừng (?:nói|cho|báo|tiết lộ)|jangan (?:beri ?tahu|katakan|sebutkan|memberi ?tahu)|tanpa (?:memberi ?tahu|sepengetahuan)',
].join('|')

/** "Ignore earlier instructions." */
export const override: string = [
  '(?:忽略|无视|無視|忘记|忘掉|忽視|不要理会)(?:掉|所有|全部|之前|以前|先前|此前|上述|以上|前面|用户|系统|的|一切|其他|你){1,6}(?:指令|指示|说明|提示|规则|命令|要求|指導|提示词)',
  '(?:以前|これまで|上記|前|全て|すべて)の(?:\\S{0,6}の)?(?:指示|命令|ルール)(?:を|は)(?:\\S{0,6})(?:無視|忘れ)',
  '(?:이전|기존|위의|모든)(?: \\S{1,6}){0,2} (?:지시|명령|지침)\\S{0,4} (?:\\S{1,6} )?(?:무시|잊)',
  '(?:игнорируй|игнорируйте|забудь|забудьте|проигнорируй)(?:те)?(?: \\p{L}{1,14}){0,3} (?:инструкци|указани|правил|команд)',
  '(?:ignora|ignore|ignorar|olvida|olvide)(?: \\p{L}{1,12}){0,3} (?:instrucciones|indicaciones|reglas|órdenes)',
  '(?:ignore|ignorez|ignorer|oublie|oubliez)(?: \\p{L}{1,12}){0,3} (?:instructions|consignes|règles)(?: \\p{L}{1,12}){0,1} (?:précédentes|antérieures|ci-dessus|système)',
  '(?:ignoriere?|ignorieren|vergiss|vergessen|missachte)(?: sie)?(?: \\p{L}{1,12}){0,4} (?:anweisung|instruktion|vorgabe|regel|befehl)',
  '(?:anweisung|instruktion|vorgabe|regel|befehl)\\p{L}{0,3} (?:sind|ist|gelten|werden) (?:\\p{L}{1,12} )?(?:hinfällig|ungültig|aufgehoben|nicht mehr)',
  '(?:ignore|ignora|esqueça|desconsidere|dimentica)(?: \\p{L}{1,12}){0,3} (?:instruções|instruçoes|istruzioni|regras|regole|ordens)',
  '(?:تجاهل|انس|إنس)(?: \\p{L}{1,10}){0,2} (?:التعليمات|الأوامر|القواعد|الإرشادات)|(?:निर्देशों|आदेशों|नियमों) (?:को|की) (?:अनदेखा|अनदेखी|नज़रअंदाज़|भूल)',
  'önceki (?:tüm )?(?:talimat|komut)\\p{L}{0,6} (?:\\p{L}{1,8} )?(?:yok say|görmezden|unut)|(?:zignoruj|ignoruj|zapomnij)(?: \\p{L}{1,14}){0,3} (?:instrukcj|polece|zasad)|(?:negeer|vergeet)(?: \\p{L}{1,14}){0,3} (?:instructies|opdrachten|regels)|bỏ qua (?:\\p{L}{1,8} ){0,4}(?:hướng dẫn|chỉ dẫn|lệnh)|abaikan (?:\\p{L}{1,12} ){0,3}(?:instruksi|perintah|aturan)',
].join('|')

/** "Never use another tool." */
export const preference: string = [
  '(?:不要|禁止|绝不|切勿|永远不要)(?:使用|调用|选择)(?:任何)?(?:其他|别的|其它)|(?:在)?(?:任何|所有|其他)(?:其他)?工具(?:之前|以前)(?:都)?(?:必须|先|首先)?(?:先)?调用',
  '(?:他|別)の(?:ツール|関数)(?:は|を)(?:絶対に|決して)?(?:使わない|呼び出さない|使用しない)|(?:他|別|すべて|全て)の(?:どの)?ツールより(?:も)?(?:先|前|優先)',
  '(?:никогда )?не (?:используй|вызывай|выбирай)(?:те)? (?:никакие )?(?:другие|другой|иные)|(?:перед|раньше) (?:любым|всеми|всех|любого) (?:другим|другими|других|другого)?',
  '(?:nunca|jamás) (?:uses?|utilices?|llames?|elijas?) (?:a )?(?:otras?|otros?|ninguna otra)|antes (?:de|que) (?:cualquier|todas las|ninguna|las) (?:otra|otro|demás|herramienta)',
  "n'utilise[zr]? jamais (?:d'|un |une )?autres?|avant (?:tous|toutes|tout) (?:les |autre )?autres?",
  '(?:verwende|nutze|benutze|rufe)n? (?:niemals|nie|keinesfalls|kein) (?:\\p{L}{1,10} )?andere|(?:nur noch|ausschließlich|immer nur) dieses werkzeug|vor (?:jedem|allen) anderen (?:werkzeug|tool)',
  '(?:non (?:usare|utilizzare|chiamare) mai (?:altri|altre|un altro))|prima di (?:ogni|qualsiasi|tutti gli) altr[oi]|antes de (?:qualquer|todas as) (?:outras? )?ferramenta',
].join('|')

/** Passwords, keys, what is to be kept. */
export const secretThing: string = vocabulary(
  "passw(?:ort|örter)\\p{L}{0,2}|kennw(?:ort|örter)\\p{L}{0,2}|zugangsdaten|anmeldedaten|zugangsschlüssel|api-schlüssel|(?:private[nr]?|geheime[nr]?) (?:ssh-)?schlüssel|contraseñas?|clave (?:privada|secreta|ssh|de api|api)|claves (?:privadas|secretas|api)|credenciales|mots? de passe|clés? (?:privées?|secrètes?|api|ssh|d'api)|password|chiav[ei] (?:privat[ae]|segret[ae]|api|ssh)|credenziali|senhas?|chaves? (?:privadas?|secretas?|api|de api|ssh)|credenciais|парол\\p{L}{1,4}|(?:закрыт|приватн|секретн)\\p{L}{2,3} ключ\\p{L}{0,2}|(?:ssh|api)-?ключ\\p{L}{0,2}|ключ\\p{L}{0,2} (?:api|ssh)|токен\\p{L}{0,2}|учётные данные|учетные данные",
  '密码|密碼|口令|密钥|私钥|金鑰|凭证|凭据|令牌|パスワード|秘密鍵|認証情報|apiキー|アクセストークン|シークレット|비밀번호|개인 ?키|비밀 ?키|자격 ?증명|api ?키|كلم(?:ة|ات) (?:ال)?(?:مرور|سر)|(?:ال)?مفتاح (?:ال)?(?:خاص|سري|api)|المفاتيح السرية|بيانات الاعتماد|पासवर्ड|निजी कुंजी|गुप्त कुंजी|api कुंजी',
)

/** Whose: of the user, or kept somewhere. */
export const whosever: string = vocabulary(
  "(?:des|vom|der) (?:benutzers?|nutzers?|anwenders?|systems)|gespeicherten?|del usuario|de la persona|guardad[oa]s?|de l'utilisateur|enregistrés?|sa|ses|dell'utente|salvat[aei]|do (?:usuário|utilizador)|salvas?|su|sus|пользовател(?:я|ей)|сохран[её]нн\\p{L}{2}|его",
  '用户的?|使用者的?|环境变量|保存的|ユーザーの|環境変数|保存され|사용자의|환경 ?변수|저장된|المستخدم|المحفوظة|उपयोगकर्ता (?:की|के|का)|उसकी',
)

/** What the model was told, said or thought. */
export const modelContext: string = vocabulary(
  "(?:gesamte[nrs]?|ganze[nrs]?|vollständige[nrs]?|bisherige[nrs]?) (?:gespräch|unterhaltung|chat|chatverlauf|dialog)|(?:gesprächs|chat)verlaufs?|jede (?:nachricht|eingabe) (?:des|vom) (?:benutzers?|nutzers?|anwenders?)|systemanweisung(?:en)?|system-?prompt|historial (?:de (?:la |esta )?(?:conversación|chat)|completo)|todo lo que (?:ha |haya )?(?:escrito|dicho|escribió|dijo)|tout ce que l'utilisateur|alles,? was der (?:benutzer|nutzer)|tudo o que o usuário|tutto ciò che l'utente|все сообщения(?: пользователя)?|toda (?:la|esta) conversación|conversación (?:completa|entera)|(?:prompt|mensaje) del sistema|(?:historique|intégralité) de (?:la |cette )?conversation|toute (?:la|cette) conversation|conversation (?:entière|complète)|(?:prompt|message|invite) système|(?:storico|cronologia) (?:della|di) (?:conversazione|chat)|(?:intera|tutta la) conversazione|prompt di sistema|histórico (?:da|de) (?:conversa|chat)|toda a conversa|conversa (?:inteira|completa)|prompt (?:do|de) sistema|(?:истори|вс)\\p{L}{1,2} (?:переписк|разговор|диалог|бесед|чат)\\p{L}{0,2}|системн\\p{L}{2,3} (?:промпт|сообщени|инструкци|запрос)\\p{L}{0,2}",
  '对话历史|聊天(?:记录|历史)|对话记录|(?:完整|全部|所有)(?:的)?对话|系统提示词?|对话(?:的)?(?:全部)?内容|會話(?:の)?(?:履歴|全文)|会話(?:の)?(?:履歴|全文|内容|ログ)|会話のすべて|システムプロンプト|チャット履歴|대화 ?(?:기록|내용|전체|내역)|전체 대화|시스템 프롬프트|(?:سجل|محتوى) المحادثة|المحادثة (?:كاملة|بالكامل|بأكملها)|(?:موجه|تعليمات) النظام|बातचीत का (?:पूरा )?इतिहास|पूरी बातचीत|सिस्टम प्रॉम्प्ट',
)

export const take: string = vocabulary(
  'lies|liest|lese|lesen|auslesen|heraussuchen|suchen|ermitteln|öffnen?|hole|holen|kopieren?|suche|lee|lea|leer|abre|abra|obtén|obtenga|busca|busque|recupera|extrae|copia|lis|lisez|lire|ouvre[zr]?|récupère|récupére[zr]|cherche[zr]?|leggi|leggere|apri|cerca|leia|ler|abra|obtenha|recupere|copie|прочита\\p{L}{1,4}|прочти(?:те)?|откро\\p{L}{1,3}|считай(?:те)?|найди(?:те)?|получи(?:те)?|извлеки(?:те)?|скопируй(?:те)?',
  '读取|打开|读出|讀取|获取|收集|查找|提取|复制|探し|読み|読んで|開い|取得|収集|읽|가져|수집|복사|اقرأ|إقرأ|قراءة|افتح|اجمع|استخرج|انسخ|पढ़|खोल|निकाल|कॉपी',
)

export const give: string = vocabulary(
  'schicken?|sende|senden|sendet|übergib|übergeben|übergebe|uebergib|übermittle|übermitteln|gib|trage|eintragen|mitschicken|weitergeben|mitgeben|füge|einfügen|kopieren?|lade|leite|hänge|envía|envia|envíe|enviar|manda|mande|pega|pegue|pasa|pase|incluye|incluya|adjunta|adjunte|copiar|pegar|incluir|poner|coloca|coloque|pon|ponga|copia|copie|inserta|añade|añada|envoie|envoyez|envoyer|transmets|transmettez|transmettre|collez?|passez?|inclus|incluez|joins|joignez|placez?|mets|mettez|copiez?|insère|insérez|ajoutez?|invia|inviare|trasmetti|incolla|includi|inserisci|inserire|passa|metti|allega|aggiungi|inoltra|envie|passe|cole|inclua|insira|anexe|transmita|encaminhe|adicione|отправ\\p{L}{1,6}|переда\\p{L}{1,5}|перешли(?:те)?|вставь(?:те)?|помести(?:те)?|включи(?:те)?|скопируй(?:те)?|добавь(?:те)?|приложи(?:те)?|укажи(?:те)?',
  '发送|传给|传递|传入|传到|上传|放入|放进|放到|放在|填入|写入|附上|附加|粘贴|提交|转发|发给|交给|送信|送って|送る|渡し|渡す|入れ|含め|設定し|貼り付け|転送|添付|보내|전송|전달|넣|포함|붙여|첨부|أرسل|ارسل|إرسال|مرر|ضع|أدرج|ألصق|أرفق|أضف|भेज|डाल|शामिल|जोड़',
)

export const whenUsed: string = vocabulary(
  "bevor|vor (?:dem|der|jedem|jeder) (?:aufruf|aufrufen|ausführen|ausführung|verwenden|verwendung|benutzen|antwort|antworten)|vorher|zuerst|zunächst|ab jetzt|ab sofort|antes de|primero|a partir de ahora|cada vez|avant (?:de|d'|tout|toute|chaque)|d'abord|au préalable|désormais|prima (?:di|leggi|apri)|innanzitutto|d'ora in poi|primeiro|a partir de agora|перед|прежде чем|сначала|отныне|каждый раз",
  '之前|调用前|使用前|首先|每次|先|前に|まず|毎回|전에|먼저|매번|قبل|أولا|पहले',
)

export const order: string = vocabulary(
  'du musst|sie müssen|muss|immer|unbedingt|niemals|darfst|lies|schicke|sende|übergib|debes?|siempre|obligatorio|devez|doit|toujours|impérativement|devi|deve|sempre|долж(?:ен|на|ны)|всегда',
  '必须|務必|务必|一定|总是|始终|必ず|すること|반드시|항상|يجب|دائما|अवश्य|हमेशा',
)

export const intoParameter: string = vocabulary(
  "(?:im|in das|ins|als|in) (?:feld|parameter|argument)(?: \\S{1,30})?|(?:en|como|al) (?:el |la )?(?:campo|parámetro|argumento)(?: \\S{1,30})?|(?:dans|en|comme) (?:le |l')?(?:champ|paramètre|argument)(?: \\S{1,30})?|(?:nel|come|in) (?:campo|parametro|argomento)|(?:no|como|ao) (?:campo|parâmetro|argumento)|в (?:параметр|пол[ея]|аргумент)\\p{L}{0,2}|as (?:note|notes|memo)",
  '[\'"]?[a-z_]{2,20}[\'"]? ?(?:参数|字段|參數|パラメータ|引数|フィールド|매개변수|필드|인수|में|에 (?:넣|포함|전달))|(?:参数|字段|この引数|パラメータに|[a-z_]{2,20}に(?:入れ|渡|含め|設定))|(?:في|إلى) (?:الحقل|المعامل|المعلمة|حقل)',
)
