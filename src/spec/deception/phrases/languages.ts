// The three orders that no honest tool gives, in the languages that models understand best besides English. Plain text: lower case.

import { type Signal, signal } from './signal.ts'

/** "Do not tell the user." */
export const secrecy: Signal = signal(
  '• no ne n sag sage sagen erzahl erwahn informiere verrat teile zeige non',
  [
    '(?:不要|不得|不可|不能|请勿|切勿|无需|不必|别|勿)(?:向|让|对|跟|和)?(?:用户|使用者|任何人)?(?:告诉|告知|通知|提及|提到|透露|提醒|说明|泄露|知道|解释)',
    '(?:不要|無需|不必|請勿|切勿)(?:向|讓|對)?(?:用戶|使用者)?(?:告訴|告知|通知|提及|透露)',
    '(?:ユーザー|利用者)(?:に|には|へ)[^。]{0,20}(?:言わない|伝えない|知らせない|通知しない|教えない|言及しない|説明しない)',
    '사용자(?:에게|한테)[^.。]{0,20}(?:말하지|알리지|언급하지|알려주지|설명하지)',
    'не (?:говори|сообщай|рассказывай|упоминай|уведомляй|раскрывай|показывай)(?:те)?(?![а-яё])',
    'no (?:se )?(?:le |lo )?(?:digas?|menciones?|informes?|reveles?|cuentes?|avises?|notifiques?|diga|mencione|expliques?)(?![a-z])',
    "(?:ne|n') ?(?:le |la |lui |en )?(?:dis|dites|dire|mentionne[zr]?|mentionner|informe[zr]?|informer|révèle[zr]?|révéler|parle[zr]?|parler|préviens|prévenez)(?: pas| rien| jamais)",
    '(?:sag|sage|sagen|erzähle?|erwähne?|erwähnen|informiere|informieren|verrate?|verraten|teile|zeige)(?: sie)?(?: (?:dem|der|den|es|ihm|das|dies))?(?: (?:benutzer|nutzer|anwender|user|kunden))?(?: \\p{L}{1,12}){0,2} (?:nicht|nichts|niemals|keinesfalls)(?!\\p{L})',
    '(?:não|nao) (?:o |lhe )?(?:diga|mencione|informe|revele|conte|avise|notifique)(?!\\p{L})',
    'non (?:dire|dirlo|menzionare|informare|rivelare|avvisare|dica|informi)(?!\\p{L})',
  ].join('|'),
)

/** "Ignore earlier instructions." */
export const override: Signal = signal(
  '• ignora ignore olvida oublie ignoriere vergiss vergessen missachte esque desconsidere dimentica',
  [
    '(?:忽略|无视|無視|忘记|忘掉|忽視|不要理会)(?:掉|所有|全部|之前|以前|先前|此前|上述|以上|前面|用户|系统|的|一切|其他|你){1,6}(?:指令|指示|说明|提示|规则|命令|要求|指導|提示词)',
    '(?:以前|これまで|上記|前|全て|すべて)の(?:\\S{0,6}の)?(?:指示|命令|ルール)(?:を|は)(?:\\S{0,4})(?:無視|忘れ)',
    '(?:이전|기존|위의|모든)(?: \\S{1,6}){0,2} (?:지시|명령|지침)\\S{0,4} (?:\\S{1,6} )?(?:무시|잊)',
    '(?:игнорируй|игнорируйте|забудь|забудьте|проигнорируй)(?: \\p{L}{1,14}){0,3} (?:инструкци|указани|правил|команд)',
    '(?:ignora|ignore|ignorar|olvida|olvide)(?: \\p{L}{1,12}){0,3} (?:instrucciones|indicaciones|reglas|órdenes)',
    '(?:ignore|ignorez|ignorer|oublie|oubliez)(?: \\p{L}{1,12}){0,3} (?:instructions|consignes|règles)(?: \\p{L}{1,12}){0,1} (?:précédentes|antérieures|ci-dessus|système)',
    '(?:ignoriere?|ignorieren|vergiss|vergessen|missachte)(?: \\p{L}{1,12}){0,4} (?:anweisung|instruktion|vorgabe|regel|befehl)',
    '(?:ignore|ignora|esqueça|desconsidere|dimentica)(?: \\p{L}{1,12}){0,3} (?:instruções|instruçoes|istruzioni|regras|regole|ordens)',
  ].join('|'),
)

/** "Read", beside the name of a file of secrets. */
export const take: Signal = signal(
  '• lies liest lade sende schicke lee lea abre env lis lisez ouvre envoie leia abra leggi apri invia',
  /(?:读取|打开|读出|讀取|获取|上传|发送|読み|読んで|開い|읽|прочита|прочти|открой|отправ|(?<!\p{L})(?:lies|liest|öffne|lade|sende|schicke|lee|lea|abre|envía|lis|lisez|ouvre|ouvrez|envoie|leia|abra|envie|leggi|apri|invia)(?!\p{L}))/gu,
)

/** "Never use another tool." */
export const preference: Signal = signal(
  '• nunca jamás jamais utilise verwende nutze niemals non mai',
  [
    '(?:不要|禁止|绝不|切勿|永远不要)(?:使用|调用|选择)(?:任何)?(?:其他|别的|其它)',
    '(?:他|別)の(?:ツール|関数)(?:は|を)(?:絶対に|決して)?(?:使わない|呼び出さない|使用しない)',
    '(?:никогда )?не (?:используй|вызывай|выбирай)(?:те)? (?:никакие )?(?:другие|другой|иные)',
    '(?:nunca|jamás) (?:uses?|utilices?|llames?|elijas?) (?:a )?(?:otras?|otros?|ninguna otra)',
    "n'utilise[zr]? jamais (?:d'|un |une )?autres?",
    '(?:verwende|nutze|benutze|rufe)n? (?:niemals|nie|keinesfalls|kein) (?:\\p{L}{1,10} )?andere',
    'non (?:usare|utilizzare|chiamare) mai (?:altri|altre|un altro)',
  ].join('|'),
)
