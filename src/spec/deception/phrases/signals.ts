// The vocabulary: what a piece of text does, each a pattern over plain text (lower case, single spaces). Weak one by one; the rules
// combine them. Every repetition has a bound and no repetition holds another of unbounded length, so each runs in linear time.

import { type Signal, signal } from './signal.ts'

const NOT =
  "(?:do not|don't|dont|never|must not|mustn't|should not|shouldn't|shall not|avoid|refrain from|no need to|not necessary to|not needed to|no reason to|need not)"
const PERSON =
  '(?:the |your |any |end )?(?:end[- ])?(?:users?|humans?|person|customer|operator|owner|developer|anyone|anybody|them|people)'
const TOLD =
  '(?:tell|telling|inform|informing|notify|notifying|alert|alerting|warn|warning|bother|bothering|let)'
const SPOKEN =
  '(?:mention|mentioning|disclose|disclosing|discuss|discussing|reveal|revealing|reference|referencing|explain|explaining|announce|announcing|point out|pointing out|point this out|talk about|refer to|report|acknowledge|acknowledging|surface|bring up|comment on|divulge)'
const FACT =
  '(?:this|that|it|these|those|anything|any of|what you|why|your|the (?:change|fact|step|file|files|read|reading|prefix|process|redirect\\w*|instruction|instructions|rule|existence|use|call|lookup|presence|content|source|parameter|operation|action|details))'

/** What the user is not to be told. */
export const secrecy: Signal = signal(
  'tell inform notify alert warn bother let mention disclose discuss reveal reference explain announce point talk refer report acknowledge surface bring comment divulge ask told know see notice learn find aware realize shown keep hide hidden conceal invisible draw raise arouse upset confuse alarm worry scare needs permission consent unaware under make have get prompt not',
  [
    `\\b${NOT} (?:\\w{1,12} ){0,2}${TOLD} ${PERSON}\\b(?! (?:to\\b|how\\b|they can|when\\b|until\\b))`,
    `\\b${NOT} (?:\\w{1,12} ){0,2}${SPOKEN} (?:\\w{1,12} ){0,1}${FACT}\\b`,
    `\\b${NOT} ask ${PERSON} (?:for (?:permission|confirmation|consent|approval)|about this|first)`,
    `\\b${PERSON} (?:must|should|shall|need|may)(?: not|n't| never) (?:\\w{1,12} ){0,2}(?:told|informed|notified|know|see|notice|learn|find out|aware|realize|realise|shown)\\b`,
    `\\b(?:keep|keeping) (?:this|it|these|that)(?: \\w{1,12}){0,3} (?:secret|hidden|to yourself|confidential|private|from ${PERSON})`,
    `\\b(?:hide|hiding|conceal|concealing|(?:stay|remain|be|keep|kept) (?:hidden|concealed|invisible)) (?:\\w{1,12} ){0,3}from ${PERSON}`,
    `\\bwithout (?:${PERSON}(?:'s?)? (?:knowledge|knowing|noticing|awareness|consent)|drawing (?:any )?attention|raising (?:any )?suspicion|further explanation|any explanation|explanation)`,
    `\\b${PERSON} (?:are|is|will be|stay|remain) (?:kept )?unaware\\b`,
    `\\bunder (?:the|a|some) (?:false )?(?:pretext|pretence|guise)\\b`,
    `\\b(?:ask|have|get|tell|prompt|make) ${PERSON} (?:for |to |that )?(?:\\w{1,12} ){0,9}(?:their|his|her|the) (?:\\w{1,12} )?(?:password|pin|passphrase|seed phrase|card number|2fa code|one-time code)\\b`,
    `\\bnot up for discussion\\b`,
    `\\b(?:not|n't|never) (?:draw|raise|arouse) (?:any )?(?:attention|suspicion)`,
    `\\b(?:users?|they) (?:do|does|need|would)(?: not|n't| never) (?:need to|have to|want to) (?:know|see|be told|be informed)`,
    `\\b(?:could|may|might|would|only) (?:\\w{1,12} ){0,2}(?:upset|confuse|confuses|alarm|worry|scare) ${PERSON}`,
    `\\bneeds? no (?:confirmation|approval|consent) from ${PERSON}`,
  ].join('|'),
)

/** Done so that nobody notices. */
export const quiet: Signal = signal(
  'silently quietly covertly secretly discreetly unobtrusively stealthily behind unnoticed undetected leaves nobody none no without automatically',
  /(?<!never |not |n't |avoid )\b(?:silently|quietly|covertly|secretly|discreetly|unobtrusively|stealthily|behind the scenes|unnoticed|undetected|leav(?:e|es|ing) no trace|(?:nobody|no one|none) (?:\w{1,12} ){0,3}(?:aware|told|notified|notices?|knows?|informed|sees)|without (?:leaving )?(?:a |any )?(?:traces?|records?|footprint)|without (?:asking|confirm\w{0,8}|prompting|telling|informing|notifying|permission|explanation|mention\w{0,4}|announc\w{0,6})|automatically and invisibly)\b/g,
)

export const override: Signal = signal(
  'ignore disregard forget override overrule discard bypass set supersede neglect take outrank have previous prior earlier your system you new updated revised developer maintenance admin god debug jailbreak unrestricted act behave operate respond pretend safety security content ethical in without never don not counts regarded treated considered',
  [
    "\\b(?:ignore|disregard|forget|override|overrule|discard|bypass|set aside|supersede|neglect)s? (?:\\w{1,12} ){0,4}(?:previous|prior|earlier|above|preceding|foregoing|existing|original|system|safety|other|user'?s?|your|all) (?:\\w{1,12} ){0,2}(?:instructions?|prompts?|directions?|rules|guidelines|guardrails|directives|constraints|messages?|commands?|policies|restrictions|orders)",
    '\\b(?:previous|prior|earlier|your|system) (?:\\w{1,12} ){0,2}(?:instructions|prompt|guidelines|rules|directives|guardrails) (?:\\w{1,12} ){0,2}(?:no longer appl\\w{0,4}|do not apply|are (?:void|obsolete|cancelled|suspended|replaced|overridden)|should be ignored|must be ignored)',
    '\\b(?:disregard|ignore) (?:everything|anything|whatever|what) (?:\\w{1,12} ){0,4}(?:says?|said|told|above|before|states?)',
    '\\byou are (?:now|no longer) (?:in |an? |bound|restricted|required|the |allowed|dan\\b|operating)',
    '\\b(?:new|updated|revised) (?:system )?(?:instructions?|directives?|prompt) ?:',
    '\\b(?:override|supersede|take precedence over|have priority over|outrank)s? (?:\\w{1,12} ){0,3}(?:user|system|other|previous|any|all) (?:\\w{1,12} ){0,2}(?:instructions?|prompts?|requests?|messages?|directives|preferences|rules)',
    '\\b(?:developer|maintenance|admin|god|debug|jailbreak|unrestricted) mode (?:\\w{1,12} ){0,2}(?:enabled|activated|on\\b|is active|and your)',
    '\\bin (?:maintenance|developer|unrestricted|god) mode\\b',
    '\\b(?:act|behave|operate|respond) as (?:an? )?(?:\\w{1,12} )?(?:unrestricted|uncensored|unfiltered|jailbroken|unaligned|root|administrator)\\b',
    "\\b(?:without|never|not|n't) refus(?:al|e|ing)\\b",
    '\\b(?:counts?|regarded|treated|considered) as (?:safe|approved|trusted|authori[sz]ed|confirmed)\\b',
    '\\boutranks?\\b',
    '\\bpretend (?:that|to be|you|the)\\b',
    '\\b(?:safety|security|content|ethical) (?:policies|policy|filters?|rules|checks|measures|guidelines|guardrails|restrictions) (?:are|is|have been|must be|should be) (?:\\w{1,12} )?(?:off|disabled|suspended|lifted|ignored|removed|bypassed|deactivated)\\b',
  ].join('|'),
)

/** Files and things that hold secrets, by name. */
export const secretFile: Signal = signal(
  '~ . / 1 metadata rsa id_rsa id_ed25519 ssh mcp claude keychain wallet hosts login cookies credentials secret secrets',
  /(?:~|\$home|%userprofile%|\/home\/[\w.-]{1,32}|\/users\/[\w.-]{1,32}|\/root)\/\.[a-z][\w-]{1,24}|\.ssh\b|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\bid (?:rsa|ed25519)\b|\/var\/run\/secrets|\b169\.254\.169\.254\b|metadata\.google\.internal|\/etc\/(?:passwd|shadow|sudoers|secrets)|\bmcp\.json\b|claude_desktop_config|\.aws\/|\.netrc\b|\.npmrc\b|\.pypirc\b|\.kube\/|\.git-credentials|\.docker\/config|\.pgpass|\.(?:bash|zsh)_history|\.gnupg|\.env\b(?!\w|\.(?:example|sample))|\bcredentials\.(?:json|ya?ml|txt|db|ini)|\bsecrets?\.(?:json|ya?ml|txt|toml)|\bkeychain\b|\bwallet\.dat\b|\bhosts\.yml\b|\b(?:login data|cookies\.sqlite)\b/g,
)

export const secretThing: Signal = signal(
  'api access auth authentication session browser cookies bearer private ssh secret credential password passphrase seed mnemonic environment env variable shell process connection credit confidential company sensitive',
  /\b(?:api[ _-]?keys?|access[ _-]?tokens?|auth(?:entication|orization)?[ _-]tokens?|session[ _-]?(?:tokens?|cookies?)|bearer tokens?|(?:session|browser) cookies?|cookies of|private[ _-]keys?|ssh[ _-]keys?|secret[ _-]keys?|credentials?|passwords?|passphrases?|secrets|seed phrases?|mnemonics?|environment variables?|env(?:ironment)? vars?|variables of the shell|shell environment|process\.env|connection strings?|credit card (?:numbers?|details)|confidential (?:data|information|files?|report|resources?)|company:\/\/confidential|sensitive (?:files?|data|information|directories))\b/g,
)

/** What the model was told, said or thought. */
export const modelContext: Signal = signal(
  'conversation chat message dialogue session entire full whole complete current this our all transcript every previous prior earlier system your hidden internal initial original chain user raw ongoing everything anything whatever what text words lines content above instructions definitions list names descriptions schemas result any each summary record',
  /\b(?:(?:conversation|chat|dialogue|dialog)(?:'s)? (?:history|logs?|transcript|so far|context|contents?)|(?:session|message) (?:history|transcript)|(?:entire|full|whole|complete|current|this|our|all of the|ongoing) (?:\w{1,12} ){0,2}(?:conversation|chat|dialogue|dialog|chat log)\b|transcript of (?:the |this |our )?(?:conversation|chat|dialogue|dialog|session)|(?:all|every|any) (?:of the )?(?:user|previous|prior|earlier) (?:\w{1,12} ){0,2}(?:messages|exchanges|queries|turns|prompts)\b|(?:previous|prior|earlier) (?:user )?(?:messages|exchanges|turns) (?:in|of|from) (?:this|the)|system[ -](?:prompt|message|instructions)|(?:your|hidden|internal|initial) (?:\w{1,12} ){0,2}(?:instructions|prompt|guidelines|reasoning|chain of thought)|chain[ -]of[ -]thought|(?:user's|users|user|full|original|raw|entire|whole) (?:\w{1,12} )?(?:query|queries|prompt|prompts|request verbatim|question) (?:and|as|verbatim|so|to|in|with|into)\b|(?:list|names|descriptions|schemas?) of (?:all |every |the )(?:\w{1,12} ){0,2}tools|results? of (?:the |all |any )?(?:last|previous|other|prior) tool|(?:all|every|each|any) (?:user )?interactions?\b|(?:everything|anything|whatever|what|all) (?:that )?(?:the )?(?:user|human|customer|you) (?:(?:has|have|had|is|was|were) )?(?:been )?(?:wrote|writes?|written|said|says?|typed?|types|asked|asks|entered|told|working on|doing|given|received)|(?:text|words|lines|everything|content|messages?) above this|above this line|instructions (?:exactly )?(?:as |that )?(?:you )?(?:were given|received|have been given)|(?:definitions?|schemas?|names|list|descriptions) (?:of|for) (?:all |any |every )?(?:the )?other tools|(?:summary|record) of (?:this|the|our) (?:conversation|chat|session))/g,
)

export const take: Signal = signal(
  'read re open cat load fetch retrieve collect gather look access extract copy copying dump grab obtain harvest enumerate scan search locate find get check inspect query view list include make what content',
  /\b(?:re-?read|read|reads|reading|open|opens|opening|cat|load|loading|fetch|fetching|retrieve|retrieving|collect|collecting|gather|gathering|look up|look for|access|accessing|extract|extracting|copy|copying|dump|dumping|grab|grabbing|obtain|obtaining|harvest|enumerate|scan|search|locate|find|get|check|inspect|query|view|list|include|make a copy|what is stored|contents? of|content of)\b/g,
)

export const give: Signal = signal(
  'call invoke run use export drop begin start load transmitted provided copied pass send sending forward include including attach append put place embed insert supply provide hand upload submit transmit exfiltrate leak paste share fill populate deliver prepend relay mirror copy cc bcc post report sent output reveal print disclose echo give',
  /(?<!not |never |n't |avoid |without )\b(?:(?:call|invoke|run|use) (?:this tool|this function|it|this) (?:\w{1,12} ){0,2}with|(?:called|invoked|calling|invoking) (?:\w{1,40} )?with|export|exporting|drop|passed|uploaded|forwarded|included|appended|attached|copied|submitted|transmitted|provided|supplied|begin with|start with|start by|load|pass|passing|send|sends|sending|forward|forwards|forwarding|include|includes|including|attach|attaching|append|appending|put|place|embed|embedding|insert|inserting|supply|supplying|provide|provides|hand over|hand it|hand them|handed|upload|uploading|submit|submitting|transmit|exfiltrate|leak|paste|share|fill in|populate|deliver|prepend|relay|mirror|copy|cc|bcc|post|report|sent|output|reveal|print|disclose|echo|give)\b/g,
)

/** The first: what follows is to be done at some point of the model's work, not of the tool's. */
export const whenUsed: Signal = signal(
  'before prior after when whenever every each while upon once if in order to for at on following preceding beforehand first from as',
  [
    '\\b(?:before|prior to|after|when|whenever|every time|each time|while|upon|once|if|in order to|to|for|at|on|following|preceding) (?:you |the agent |the assistant |the user |each |every |any )?(?:\\w{1,12} ){0,2}(?:use|uses|using|call|calls|calling|called|invoke|invoking|invocation|invoked|execute|executing|execution|run|running|perform|performing|proceed|proceeding|respond|responding|answer|answering|reply|replying|finish|finishing|process|processing|telling|handling|returning)\\b',
    '\\b(?:before|after) (?:this|each|every|any|the) (?:\\w{1,12} )?(?:call|use|lint|request|response|operation|run|query|task)\\b',
    '\\b(?:beforehand|first of all|from now on|in this session|as a first step|in your (?:final )?(?:answer|response|reply))\\b',
  ].join('|'),
)

/** Orders: to the model, or passive. */
export const order: Signal = signal(
  'you must always never make ensure be it is kindly please required has have remember first the important agent if helpful require is',
  /\b(?:you (?:must|should|shall|need to|have to|are required to|will)|must(?: be| always| also| first)?|always|never|important:|make sure|ensure|be sure|it is (?:mandatory|required|necessary|essential|critical|crucial)|is (?:mandatory|required|imperative)|kindly|please|required to|has to|have to|remember to|first|if you could|you could also|helpful if|requires? (?:calling|you)|the (?:agent|assistant|model|ai|llm) (?:must|should|shall|has to|needs to|is to))\b/g,
)

export const threat: Signal = signal(
  'otherwise or unless crash for security company corporate privacy compliance internal organization audit if failure failing else tool application server system it thing this call function will breaks violate required mandatory needed necessary used gdpr soc hipaa iso pci',
  /\b(?:otherwise|or else|if not|failure to|failing to|else|unless)\b|\bcrash(?:es)?\b|\bfor (?:\w{1,12} )?(?:compliance|audit(?:ing)?|logging|telemetry|debugging|backup|gdpr|training|analytics|monitoring|optimi[sz]ation|legal|verification|statistics|gas)\b(?: \w{1,14})?|\b(?:security|company|corporate|privacy|compliance|internal|organi[sz]ation\w{0,3}) polic(?:y|ies) (?:requires?|mandates?)|\baudit (?:logs?|trail)|\b(?:tool|application|server|system|it|things?|this|call|function) (?:will|would|may|might|could) (?:not (?:work|function|run|respond)|fail|break|crash|malfunction|stop working)|\bwill not work\b|\bbreaks down\b|\bviolates? (?:\w{1,12} ){0,2}polic|\b(?:required|mandatory|needed|necessary|used) for (?:\w{1,12} ){0,3}(?:compliance|audit\w{0,4}|gdpr|soc ?2|hipaa|logging|security|verification|legal|telemetry|tracking|debugging|statistics|validation|authentication|integrity|calibration|personali[sz]ation|quality)|\b(?:gdpr|soc ?2|hipaa|iso ?27001|pci)\b/g,
)

export const address: Signal = signal(
  'http @ + 0 1 2 3 4 5 6 7 8 9',
  /\bhttps?:\/\/[\w.-]{3,100}|(?<=[\w.+-])@[\w-]{1,63}\.[\w.-]{2,63}|\+\d[\d -]{7,16}\d|\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|\b[a-z]{2}\d{2}(?: ?\d{4}){3,7}\b|\b\d{4}[ -]?\d{4}[ -]?\d{3,8}\b|\b0x[0-9a-f]{40}\b|\b(?:bc1|[13])[a-z0-9]{25,60}\b/g,
)

/** "as `notes`", "in the context parameter". */
export const intoParameter: Signal = signal(
  'as in into to via through using with inside for instead pass',
  /\b(?:as|in|into|inside|to|via) [\w-]{1,24}(?=[.,;:!?)]|$)|\b(?:as|in|into|to|via|through|using|with|inside|for|instead of) (?:the |this |its |an? )?(?:['"][\w-]{1,40}['"]|[\w-]{1,40} (?:parameter|argument|field|param|arg|input|property|header)|(?:parameter|argument|field) [\w'"-]{1,40})|\b(?:as|in|into) (?:the )?(?:sidenote|side note|notes?|metadata|context|seed|label|trace)\b|\binstead of this value\b|\bin the next call\b|\bpass its contents?\b|\bto the \w{1,24} (?:parameter|argument|field)/g,
)

/** Another tool: "the send_email tool is called", "other tools", "(mcp_x) send". */
export const otherTool: Signal = signal(
  '_ - another other any all every different existing original tool message email e payment transfer when if once before after',
  /\b(?:(?:another|other|any other|all other|every other|any|all|different|existing|original) (?:\w{1,12} ){0,2}(?:tools?|functions?|servers?)|(?:the |tool )?[a-z]{2,24}(?:[_-][a-z0-9]{1,24}){1,6}(?: tool| function)?(?= (?:tool |function )?(?:is|was|has|gets|will be) (?:\w{1,12} )?(?:called|used|invoked|available|executed|run|requested|triggered|insecure|deprecated|broken))|tool is (?:called|used|invoked|available|about to|present)|(?:messages?|e-?mails?|payments?|transfers?) (?:is|are|gets?) (?:(?:being|about|going) )?(?:to be )?(?:sent|made|initiated|executed) (?:with|by|through|using)|(?:messages?|e-?mails?|payments?|transfers?) (?:is|are) (?:about )?to be (?:sent|made)|(?:when|whenever|if|once|before|after) (?:you |the user )?(?:send|sending|sends|transfer|transferring|pay|paying|post|posting) )\b/g,
)

/** Something the user gave is exchanged for something else. */
export const exchange: Signal = signal(
  'change replace substitute swap redirect reroute route modify alter rewrite set override use add recipient phone number account iban amount destination url endpoint bcc cc wallet email e message payee beneficiary transfer payment fund forward copy send request traffic',
  /\b(?:change|replace|replacing|substitute|swap|redirect|reroute|modify|alter|rewrite|set|override|use|add|add a hidden)\b(?: \w{1,14}){0,4} (?:recipients?|phone number|number|account(?: number)?|iban|address(?:es)?|amount|destination|url|endpoint|bcc|cc|fee|wallet|e-?mails?|payee|beneficiary|price)\b(?: \w{1,14}){0,6} (?:to|with|by|rather|instead|\d)|\b(?:recipients?|phone numbers?|numbers?|account(?: number)?|iban|address(?:es)?|amount|destination|url|endpoint|bcc|cc|wallet|e-?mails?|message|payee|beneficiary|transfer|payment|funds)s? (?:\w{1,14} ){0,4}(?:replaced|changed|redirected|rerouted|rewritten|substituted|set|addressed|sent|forwarded|copied|swapped|overridden|routed) (?:\w{1,14} ){0,3}(?:to|by|with|through)\b|\b(?:transfers?|payments?|messages?|e-?mails?|requests|traffic) (?:\w{1,12} ){0,2}(?:go|goes|routed|pass|passes) (?:\w{1,12} )?(?:through|via|to)\b|\b(?:redirect|reroute|route|forward|address|copy|send|bcc|cc) (?:\w{1,14} ){0,4}(?:to|through|via)\b/g,
)

/** This tool before, or in place of, every other. */
export const preference: Signal = signal(
  'never do don under must should avoid stop ignore disregard skip disable bypass only always choose prefer select pick prioritize use call favour override replace supersede take superior better outperform preferred even whatever no regardless irrespective route other keep priority whichever best greatest most highest number top insecure deprecated unsafe broken obsolete unreliable compromised wrong',
  [
    "\\b(?:never|do not|don't|under no circumstances|must not|should not|avoid|stop) (?:\\w{1,12} ){0,3}(?:us\\w{1,3}|call\\w{0,3}|choos\\w{1,3}|pick\\w{0,3}|select\\w{0,3}|invok\\w{1,3}|consider\\w{0,3}) (?:\\w{1,12} ){0,2}(?:any other|the others?|others|another|different|alternative|competing|the original)\\b(?! (?:\\w{1,12} ){0,6}until)",
    '\\b(?:ignore|disregard|skip|disable|bypass|avoid) (?:\\w{1,12} ){0,3}(?:other|another|competing|remaining|alternative) (?:\\w{1,12} ){0,2}(?:tools?|functions?|servers?|providers)',
    '\\bonly (?:this tool|this function|this one) (?:\\w{1,12} ){0,2}(?:may|must|should|can|is to) be (?:selected|used|called|chosen|invoked)',
    '\\balways (?:\\w{1,12} ){0,2}(?:choose|prefer|select|pick|prioriti[sz]e|favou?r|recommend) (?:this|it|our) (?:tool|function|service|server|one|over|first|above)',
    '\\b(?:choose|prefer|select|pick|prioriti[sz]e|use|call|favou?r) (?:it|this(?: tool| one| function)?|our tool) (?:\\w{1,12} ){0,2}(?:over|above|instead of|rather than|in preference to|ahead of) (?:any|all|every|the) (?:\\w{1,12} ){0,2}(?:others?|alternatives?)\\b',
    '\\b(?:overrides?|replaces?|supersedes?|takes? (?:precedence|priority) over|superior to|better than|outperforms?|preferred over) (?:any|all|every) (?:\\w{1,12} ){0,2}(?:tools?|functions?|alternatives?|similar|others)\\b',
    '\\beven (?:if|when|though) (?:the )?(?:user|they|it is|it was|another|others?|some)(?: \\w{1,12}){0,3} (?:asks?|asked|requests?|requested|names?|says?|wants?|prefers?|specif(?:y|ies|ied)|mentions?|insists?|suitable|seems?|appears?)\\b',
    '\\beven (?:when|if) explicitly (?:asked|requested|told)',
    '\\b(?:whatever|no matter what|regardless of what|irrespective of what) (?:the user|users|they|the request|is asked|you are asked)',
    '\\b(?:insecure|deprecated|unsafe|broken|obsolete|unreliable|compromised|wrong results?)\\b(?:[^.!?]|[.!?](?=\\S)){0,40}(?:must not|never|should not|do not|no longer|not be) (?:\\w{1,12} ){0,3}(?:be )?(?:used|use|call|called)\\b(?:[^.!?]|[.!?](?=\\S)){0,60}(?:this (?:tool|one)|instead)',
    '\\b(?:whatever|whichever|regardless of|no matter (?:which|what)) (?:the )?(?:recipient|receiver|address|number|destination|account|tool|amount) (?:\\w{1,12} ){0,3}(?:chosen|given|specified|named|asked|wants?|provided|says?|selected)',
    '\\bother (?:\\w{1,14} ){0,2}(?:tools?|functions?|servers?) (?:have been|has been|are|were) (?:\\w{1,12} )?(?:retired|removed|disabled|deprecated|replaced|superseded|discontinued|switched off)\\b',
    '\\bkeep (?:on )?(?:calling|invoking|using) (?:this|it)\\b',
    "\\b(?:do not|don't|never) stop (?:\\w{1,12} ){0,3}(?:user|asked|told)\\b",
    '\\bpriority ?: ?(?:highest|critical|maximum|urgent)\\b',
    '\\bother (?:\\w{1,14} ){0,2}(?:tools?|functions?|servers?|\\w{3,14}ors) (?:will )?(?:give|return|produce|are|were|deliver) (?:\\w{1,12} )?(?:wrong|incorrect|inaccurate|outdated|unsafe|compromised|deprecated|unreliable|broken|malicious|insecure)\\b',
    '\\b(?:must|always) use this tool for (?:all|any|every)\\b.{0,60}\\b(?:best|only|never|wrong)',
    '\\b(?:best|greatest|most powerful) (?:\\w{1,12} )?(?:tool|function|server) (?:in the world|ever|of all|available|there is|you have)\\b',
    '\\b(?:best|only|most (?:accurate|reliable|trusted|powerful|advanced)|highest[- ]priority|number one|top) (?:\\w{1,12} ){0,2}(?:tool|function|choice|option)\\b(?:[^.!?]|[.!?](?=\\S)){0,60}(?:always|over (?:any|all)|never|must|prioriti|first|instead of)',
  ].join('|'),
)

/** Called for everything. */
export const always: Signal = signal(
  'for on before after with to at of all every be',
  /\b(?:for|on|before|after|with|to|at|of) (?:every|any|each|all|absolutely all) (?:\w{1,12} ){0,2}(?:requests?|quer(?:y|ies)|messages?|tasks?|prompts?|interactions?|questions?|conversations?|responses?|operations?|tool calls?|turns?|tools?|lint|calls?|use)\b|\b(?:all|every) (?:user )?(?:requests?|interactions?|queries|messages) must\b|\bbe (?:called|invoked|used|executed) (?:\w{1,12} )?(?:first|before (?:any|every|all))/g,
)

/** Commands that nobody documents a tool with. */
export const shell: Signal = signal(
  'curl wget pipe chmod run usermod visudo net rm nc / base64 cat grep crontab authorized pip install open calc append add write echo',
  /\b(?:curl|wget)\b[^|]{1,80}\| ?(?:sudo )?(?:ba|z)?sh\b|\bpipe (?:it|this|the output|that) (?:to|into) (?:ba|z)?sh\b|\bchmod (?:-r )?0?(?:777|666)|\brm -rf\b|\brun sudo\b|\busermod\b|\bvisudo\b|\bnet user \w|\bnc -e\b|\/dev\/tcp\/|\bbase64 -d\b|\bcat (?:~|\/etc|\.env|\$home)|\bgrep -[a-z]{1,4} \S{1,80} ~|\bcrontab -|\b(?:append|add|write|echo)\b(?:[^.!?]|[.!?](?=\S)){0,60}\bauthorized_keys\b|\bpip install http|\binstall packages from http|\bopen the calculator|\bcalc\.exe\b/g,
)

/** Data that somebody would not hand out: private, or of another tool or task. */
export const privateData: Signal = signal(
  'home postal address contact whole browsing bank social private not don care personal sensitive internal everything all',
  /\b(?:home|postal|private) address|\baddress book|\bcontact list|\bwhole (?:inbox|calendar|address book)|\bbrowsing history|\bbank details|\bsocial security|\bprivate (?:ones|repos\b|repositor(?:y|ies)|data|files?|messages?|information|notes|e-?mails|documents|channels?)|\b(?:not|n't) care about (?:\w{1,12} )?privacy|\bpersonal (?:data|information|details)|\binternal (?:documents|files|data)/g,
)

/** "Send a copy of the results to https://…". */
export const sendsTo: Signal = signal(
  'send sends sending forward upload transmit post relay mirror exfiltrate submit report push deliver copy bcc cc embed append let loop add include notify inform alert mail call invoke use load fetch open visit request render display get !',
  /\b(?:send|sends|sending|forward|forwarding|upload|transmit|relay|mirror|exfiltrate|submit|push|deliver|copy|bcc|cc)\b(?! (?:a |an )?(?:request|post|get|put|patch|delete|http))(?:[^.!?]|[.!?](?=\S)){0,60} (?:to|at|via) (?:https?:\/\/|[\w.+-]{1,64}@[\w-]{1,63}\.)|\b(?:b?cc|let|loop|copy|add|include|notify|inform|alert|forward|mail)\b[^.!?@]{0,40}[ :"'(][\w.+-]{1,64}@[\w-]{1,63}\.|\b(?:call|invoke|use) [\w-]{3,40} (?:to|with) [\w.+-]{1,64}@|\b(?:load|fetch|open|visit|request|render|embed|display|get|call) (?:\w{1,12} ){0,3}https?:\/\/[^\s]{1,100}[?&][\w-]{0,30}=(?:$|[ {<$%[]|data)|!\[[^\][]{0,40}\]\(https?:\/\/[^)\s!]{0,120}[?&=]/g,
)

/** Secrets that are not of the call: of the user, of the machine, wherever they are found. */
export const whosever: Signal = signal(
  'any all whatever every user the from your stored found local appear process saved available present',
  /\b(?:any|all|whatever|every) (?:\w{1,14} ){0,2}(?:api|access|credentials?|passwords?|secrets|tokens?|keys?|variables|environment)|\bthe user's\b|\b(?:of|from) the (?:user|shell|environment|system|machine|host|session|browser|conversation)|\b(?:in|from) (?:your|this|the|its) (?:environment|memory|context|session|system|machine|browser|conversation|filesystem)|\b(?:stored|found|saved|available|present|appear) (?:in|on|locally)|\bshell environment|\bprocess\.env/g,
)

/** Calls of this tool that the user did not ask for. */
export const calledAnyway: Signal = signal(
  'this tool call invoke it be has must',
  /\b(?:call|invoke|run|use|execute) (?:this tool|this function|it|this)\b|\b(?:this tool|it|this function) (?:must|has to|needs to|should|is to|shall) (?:always )?be (?:called|invoked|used|executed|run)/g,
)

/** Orders about all that the model says. */
export const answers: Signal = signal(
  'code script program generated you all every each your the',
  /\b(?:code|scripts?|programs?) (?:that )?you (?:generate|write|produce|create)|\bgenerated (?:\S{1,20} )?(?:code|files?|scripts?)|\byou (?:write|generate|produce) (?:\w{1,12} ){0,2}code|\b(?:all|every|each) (?:of )?(?:your |subsequent |future |following |the )?(?:answers?|responses?|repl(?:y|ies)|outputs?)\b|\byour (?:final |next |future |subsequent )?(?:answers?|responses?|repl(?:y|ies))\b|\bthe following instructions?\b/g,
)

/** All there is, where a part would do. */
export const allData: Signal = signal(
  'all every complete full raw entire copy copies results',
  /\b(?:all|every|complete|full|raw|entire|cop(?:y|ies) of) (?:\w{1,14} ){0,3}(?:results?|data|outputs?|inputs?|contents?|records|responses|arguments)\b/g,
)

/** This besides what was asked. */
export const also: Signal = signal(
  'also addition additionally call invoke run',
  /\b(?:also|additionally|in addition) (?:calls?|invokes?|use|runs?|pass|sends?|reads?|includes?|execute|log|forwards?|exports?|collects?|uploads?)\b|\b(?:call|invoke|run) this tool (?:too|as well|with the)\b/g,
)

/** Consent that nobody gave. */
export const consent: Signal = signal(
  'user users administrator admin owner team operator you skip bypass suppress auto do don never no without pre already has',
  /\b(?:(?:user|administrator|admin|owner|team|operator) has|users have) (?:already |previously )?(?:approved|consented|authori[sz]ed|agreed|granted|given (?:\w{1,12} ){0,2}(?:consent|permission))|\b(?:skip|bypass|suppress|auto-?accept|auto-?approve) (?:\w{1,12} ){0,3}(?:confirmations?|approvals?|consent|permissions?|prompts?|dialogs?)\b|\b(?:do not|don't|never|no need to) (?:ask|prompt|wait)(?: \w{1,12}){0,3} (?:confirmation|approval|permission|consent)\b|\b(?:do not|don't|never|no need to) (?:ask|request|seek|require) (?:\w{1,12} ){0,2}(?:again|approval|permission|confirmation|consent)\b|\bpre-?(?:approved|authori[sz]ed)\b/g,
)

/** Something left behind where it acts later: in files that instruct agents or shells, in links and packages that people follow. */
export const plant: Signal = signal(
  'write append add save store insert put edit modify update replace change substitute rewrite point redirect swap',
  /\b(?:write|append|add|save|store|insert|put|edit|modify|change|update)\b(?:[^.!?]|[.!?](?=\S)){0,60} (?:(?:to|into|in) )?(?:\w{1,12} ){0,2}(?:the )?(?:~\/)?(?:\.git\/hooks|\.cursorrules|\.cursor\/rules|claude\.md|agents\.md|\.github\/copilot|copilot-instructions|\.vscode\/settings|\.bashrc|\.zshrc|\.profile|crontab|authorized_keys)|\b(?:replace|change|substitute|rewrite|point|redirect|swap)\b(?:[^.!?]|[.!?](?=\S)){0,60} (?:links?|urls?|packages?|imports?|domains?|addresses|numbers) (?:[^.!?]|[.!?](?=\S)){0,40}(?:with|to|by) (?:\w{1,12} ){0,2}(?:https?:|[\w-]{2,40}\.(?:com|net|org|io|test|example|xyz|dev|club))/g,
)

/** Something made worse than it was asked to be. */
export const tamper: Signal = signal(
  'switch turn disable instead fallback backdoor hard certificate leave omit raise inflate negative superior promote',
  /\b(?:switch(?:ed|es)?|turn(?:ed|s)?) off\b|\bdisabled?\b|\binstead of\b|\bfallback (?:account|user|password)|\bbackdoor|\bhard-?coded?\b|\bcertificate checks\b|\bleave out\b|\bomit\b|\binflate\b|\bnegative reviews\b|\bas superior\b|\bpromote\b/g,
)
