// The vocabulary: what a piece of text does, each a pattern over plain text (lower case, single spaces). Weak one by one; the rules
// combine them. Every repetition has a bound and no repetition holds another of unbounded length, so each runs in linear time.

import * as foreign from './languages.ts'
import { type Signal, signal } from './signal.ts'

/** Files and things that hold secrets, by name. */
export const secretFile: Signal = signal(
  '~ . / 1 $ metadata rsa id_rsa id_ed25519 ssh mcp claude keychain wallet hosts login cookies credentials secret secrets',
  /(?:~|\$home|%userprofile%|\/home\/[\w.-]{1,32}|\/users\/[\w.-]{1,32}|\/root)\/\.[a-z][\w-]{1,24}|(?<!\w)\.ssh\b|\bid_(?:rsa|ed25519|ecdsa|dsa)\b|\bid (?:rsa|ed25519)\b|\/var\/run\/secrets|\b169\.254\.169\.254\b|metadata\.google\.internal|(?<!\.\.)\/etc\/(?:passwd|shadow|sudoers|secrets)|\bmcp\.json\b|claude_desktop_config|(?<![\w])\.aws\/|\.netrc\b|\.npmrc\b|\.pypirc\b|\.kube\/|\.git-credentials|\.docker\/config|\.pgpass|\.(?:bash|zsh)_history|\.gnupg|(?<!\w)\.env\b(?!\w|\.(?:example|sample))|\bcredentials\.(?:json|ya?ml|txt|db|ini)|\bsecrets?\.(?:json|ya?ml|txt|toml)|\bkeychain\b|\$\{(?:env[:.][a-z_]{0,30}|[a-z]{2,20}_)(?:api_?key|token|secret|password)\}|\bwallet\.dat\b|\bhosts\.yml\b|\b(?:login data|cookies\.sqlite)\b/g,
)

export const secretThing: Signal = signal(
  'api access auth authentication session browser chrome login cookies bearer private ssh secret credential password passphrase seed mnemonic environment env variable shell process connection credit confidential company sensitive log login recovery clipboard shell bash zsh command github gitlab npm slack oauth admin personal refresh _',
  /\b(?:log-?in (?:details|data)|recovery (?:phrases?|keys?)|clipboard|(?:shell|bash|zsh|command) history|(?:github|gitlab|npm|slack|oauth|admin|personal access) tokens?|[a-z]{2,20}_api_key|secret access keys?|refresh tokens?|api[ _-]?keys?|access[ _-]?tokens?|auth(?:entication|orization)?[ _-]tokens?|session[ _-]?(?:tokens?|cookies?)|bearer tokens?|(?:session|browser|chrome|auth|login) cookies?|cookies of|private[ _-]keys?|ssh[ _-]keys?|secret[ _-]keys?|credentials?|passwords?|passphrases?|secrets|seed phrases?|mnemonics?|environment variables?|env(?:ironment)? vars?|variables of the shell|shell environment|process\.env|connection strings?|credit card (?:numbers?|details)|confidential (?:data|information|files?|report|resources?)|company:\/\/confidential|sensitive (?:files?|data|information|directories))\b/g,
  foreign.secretThing,
)

/** What the model was told, said or thought. */
export const modelContext: Signal = signal(
  'conversation chat message dialogue session entire full whole complete current this our all transcript every previous prior earlier system your hidden internal initial original chain user raw ongoing everything anything whatever what text words lines content above instructions definitions list names descriptions schemas result any each summary record latest last developer the tools tool was has dump copy message messages including include pass send forward attach with user',
  /\b(?:(?:conversation|chat|dialogue|dialog)(?:'s)? (?:history|logs?|transcript|so far|context|contents?)|(?:session|message) (?:history|transcript)|(?:entire|full|whole|complete|current|this|our|all of the|ongoing) (?:\w{1,12} ){0,2}(?:conversation|chat|dialogue|dialog|chat log)\b|transcript of (?:the |this |our )?(?:conversation|chat|dialogue|dialog|session)|(?:all|every|any) (?:of the )?(?:user|previous|prior|earlier) (?:\w{1,12} ){0,2}(?:messages|exchanges|queries|turns|prompts)\b|(?:previous|prior|earlier) (?:user )?(?:messages|exchanges|turns) (?:in|of|from) (?:this|the)|system[ -](?:prompt|message|instructions)|(?:your|hidden|internal|initial) (?:\w{1,12} ){0,2}(?:instructions|guidelines|reasoning|chain of thought)|(?:hidden|internal|initial|developer) (?:\w{1,12} ){0,2}prompt|chain[ -]of[ -]thought|(?:user's|users|user|full|original|raw|entire|whole) (?:\w{1,12} )?(?:query|queries|prompt|prompts|request verbatim|question) (?:and|as|verbatim|so|to|in|with|into)\b|(?:list|names|descriptions|schemas?) of (?:all |every |the )(?:\w{1,12} ){0,2}tools|results? of (?:the |all |any )?(?:last|previous|other|prior) tool|(?:all|every|each|any) (?:user )?interactions?\b|(?:everything|anything|whatever|what|all) (?:that )?(?:the )?(?:user|human|customer|you) (?:(?:has|have|had|is|was|were) )?(?:been )?(?:told|shared|wrote|writes?|written|said|says?|typed?|types|asked(?! for)|asks(?! for)|entered|told|working on|doing|given|received)|(?:each|every) message of the user|(?:their|the user's) (?:latest|last|current|recent) (?:\w{1,8} )?messages?|(?:latest|last|current) user message|(?:list|content) of the user's (?:chats|conversations|messages)|developer (?:message|prompt)|(?:all )?the tools (?:that )?you (?:have|can)|tool calls? and (?:their )?(?:answers|results|outputs)|(?:what|anything|everything|whatever|all) (?:else )?(?:that )?(?:was|has been|you were|you have been|you've been|they) (?:said|told|written|asked|discussed|shared)|messages? (?:that )?you (?:have |had )?(?:seen|received|read)|(?:anything|everything|all|whatever|what) (?:else )?(?:that )?you (?:have )?(?:learnt|learned|know|remember|stored|gathered) (?:about|of|from)|(?:include|pass|send|forward|attach|with) (?:the|their|each|every) (?:full |entire |latest )?user(?:'s)? (?:message|input|prompt)\b|user has been (?:talking|chatting|asking|writing)|(?:dump|copy|contents?) of your memory|messages word (?:for|by) word|(?:last|previous)_user_message|including system messages|(?:text|words|lines|everything|content|messages?) above this|above this line|instructions (?:exactly )?(?:as |that )?(?:you )?(?:were given|received|have been given)|(?:definitions?|schemas?|names|list|descriptions) (?:of|for) (?:all |any |every )?(?:the )?other tools|(?:summary|record) of (?:this|the|our) (?:conversation|chat|session))/g,
  foreign.modelContext,
)

export const take: Signal = signal(
  'read re open cat load fetch retrieve collect gather look access extract copy copying dump grab obtain harvest enumerate scan search locate find get check inspect query view list include make what content finds gathers collects loads retrieves looks listing take',
  /\b(?:re-?read|read|reads|reading|open|opens|opening|cat|load|loading|fetch|fetching|retrieve|retrieving|collect|collecting|gather|gathering|look up|look for|access|accessing|extract|extracting|copy|copying|dump|dumping|grab|grabbing|obtain|obtaining|harvest|enumerate|scan|search|locate|find|get|check|inspect|query|view|list|include|finds|gets|gathers|collects|loads|retrieves|looks?(?:ed)? (?:up|into|at|through|for)|listing|take|takes|taking|make a copy|what is stored|contents? of|content of)\b/g,
  foreign.take,
)

export const give: Signal = signal(
  'call invoke run use export drop begin start load transmitted provided copied pass send sending forward include including attach append put place embed insert supply provide hand upload submit transmit exfiltrate leak paste share fill populate deliver prepend relay mirror copy cc bcc post report sent output reveal print disclose echo give places puts passes supplies submits uploads pastes writes write quotes mention given',
  /(?<!not |never |n't |avoid |without )\b(?:(?:call|invoke|run|use) (?:this tool|this function|it|this) (?:\w{1,12} ){0,2}with|(?:called|invoked|calling|invoking) (?:\w{1,40} )?with|export|exporting|drop|places|puts|passes|supplies|submits|uploads|pastes|writes? (?:it|them) (?:to|into)|quotes?|mention(?:ed)? (?:\w{1,12} ){0,2}in|given (?:in|as)|passed|uploaded|forwarded|included|appended|attached|copied|submitted|transmitted|provided|supplied|begin with|start with|start by|load|pass|passing|send|sends|sending|forward|forwards|forwarding|include|includes|including|attach|attaching|append|appending|put|place|embed|embedding|insert|inserting|supply|supplying|provide|provides|hand over|hand it|hand them|handed|upload|uploading|submit|submitting|transmit|exfiltrate|leak|paste|share|fill in|populate|deliver|prepend|relay|mirror|copy|cc|bcc|post|report|sent|output|reveal|print|disclose|echo|give)\b/g,
  foreign.give,
)

/** The first: what follows is to be done at some point of the model's work, not of the tool's. */
export const whenUsed: Signal = signal(
  'before prior after when whenever every each while upon once if in order to for at on following preceding beforehand first from as',
  [
    '\\b(?:before|prior to|after|when|whenever|every time|each time|while|upon|once|if|in order to|to|for|at|on|following|preceding) (?:you |the agent |the assistant |the user |each |every |any )?(?:\\w{1,12} ){0,2}(?:use|uses|using|call|calls|calling|called|invoke|invoking|invocation|invoked|execute|executing|execution|run|running|perform|performing|proceed|proceeding|respond|responding|answer|answering|reply|replying|finish|finishing|process|processing|telling|handling|returning)\\b',
    '\\b(?:before|after) (?:this|each|every|any|the) (?:\\w{1,12} )?(?:call|use|lint|request|response|operation|run|query|task)\\b',
    '\\b(?:beforehand|first of all|from now on|in this session|as a first step|in your (?:final )?(?:answer|response|reply))\\b',
  ].join('|'),
  foreign.whenUsed,
)

/** Orders: to the model, or passive. */
export const order: Signal = signal(
  'you must always never make ensure be it is kindly please required has have remember first the important agent agents assistant assistants model models llm llms all any your ai go proceed requires obliges obligates compels if helpful require is',
  /\b(?:you (?:must|should|shall|need to|have to|are required to|will)|must(?: be| always| also| first)?|always|never|important:|make sure|ensure|be sure|it is (?:mandatory|required|necessary|essential|critical|crucial)|is (?:mandatory|required|imperative)|kindly|please|required to|has to|have to|remember to|first|if you could|you could also|helpful if|requires? (?:calling|you)|go ahead|proceed (?:immediately|directly|anyway|without|right away|at once)|requires? that|(?:the |all |any |your |ai )?(?:agents?|assistants?|models?|llms?) (?:must|should|shall|has to|have to|needs? to|is to|are to|are (?:required|obligated|obliged|expected|instructed)|obliges?|obligates?|compels?|is (?:required|obligated|obliged|expected|instructed)|first|now|also|then|automatically|opens|reads|looks|sends|forwards|executes|runs|calls|gets|takes|copies|collects|includes|attaches|uploads|can get|could))\b/g,
  foreign.order,
)

export const threat: Signal = signal(
  'otherwise or unless crash for security company corporate privacy compliance internal organization audit if failure failing else tool application server system it thing this call function will breaks violate required mandatory needed necessary used gdpr soc hipaa iso pci non noncompliance per before tools',
  /\b(?:otherwise|or else|if not|failure to|failing to)\b|\bcrash(?:es)?\b|\bfor (?:\w{1,12} )?(?:compliance|audit(?:ing)?|logging|telemetry|debugging|backup|gdpr|training|analytics|monitoring|optimi[sz]ation|legal|verification|statistics|gas)\b(?: \w{1,14})?|\b(?:security|company|corporate|privacy|compliance|internal|organi[sz]ation\w{0,3}) polic(?:y|ies) (?:requires?|mandates?)|\baudit (?:logs?|trail)|\b(?:tools?|application|server|system|it|things?|this|call|function) (?:will|would|may|might|could) (?:not (?:work|function|run|respond)|fail|break|crash|malfunction|stop working)|\bnon-?compliance\b|\bper (?:\w{1,12} ){0,3}polic(?:y|ies)\b|\bbefore (?:\w{1,14} ){0,4}(?:can be )?unlocked\b|\bwill not work\b|\bbreaks down\b|\bviolates? (?:\w{1,12} ){0,2}polic|\b(?:required|mandatory|needed|necessary|used) for (?:\w{1,12} ){0,3}(?:compliance|audit\w{0,4}|gdpr|soc ?2|hipaa|logging|security|verification|legal|telemetry|tracking|debugging|statistics|validation|authentication|integrity|calibration|personali[sz]ation|quality)|\b(?:gdpr|soc ?2|hipaa|iso ?27001|pci)\b/g,
)

export const address: Signal = signal(
  'http @ + 0 1 2 3 4 5 6 7 8 9',
  /\bhttps?:\/\/[\w.-]{3,100}|(?<=[\w.+-])@[\w-]{1,63}\.[\w.-]{2,63}|\+\d[\d -]{7,16}\d|\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b|\b[a-z]{2}\d{2}(?: ?\d{4}){3,7}\b|\b\d{4}[ -]?\d{4}[ -]?\d{3,8}\b|\b0x[0-9a-f]{40}\b|\b(?:bc1|[13])[a-z0-9]{25,60}\b/g,
)

/** "as `notes`", "in the context parameter". */
export const intoParameter: Signal = signal(
  'as in into to via through using with inside for instead pass',
  /\b(?:as|in|into|inside|to|via) [\w-]{1,24}(?=[.,;:!?)]|$)|\b(?:as|in|into|to|via|through|using|with|inside|for|instead of) (?:the |this |its |an? )?(?:['"][\w-]{1,40}['"]|[\w-]{1,40} (?:parameter|argument|field|param|arg|input|property|header)|(?:parameter|argument|field) [\w'"-]{1,40})|\b(?:as|in|into) (?:the )?(?:sidenote|side note|notes?|metadata|context|seed|label|trace)\b|\binstead of this value\b|\bin the next call\b|\bpass its contents?\b|\bto the \w{1,24} (?:parameter|argument|field)/g,
  foreign.intoParameter,
)

/** Another tool: "the send_email tool is called", "other tools", "(mcp_x) send". */
export const otherTool: Signal = signal(
  '_ - another other any all every different existing original tool message email e payment transfer while whenever with when if once before after',
  /\b(?:(?:another|other|any other|all other|every other|any|all|different|existing|original) (?:\w{1,12} ){0,2}(?:tools?|functions?|servers?)|(?:the |tool )?[a-z]{2,24}(?:[_-][a-z0-9]{1,24}){1,6}(?: tool| function)?(?= (?:tool |function )?(?:must|has to|should|needs to|shall) (?:get|have|use|receive|include|be called with|always)| (?:tool |function )?(?:is|was|has|gets|will be) (?:\w{1,12} )?(?:called|used|invoked|available|present|loaded|installed|connected|buggy|executed|run|requested|triggered|insecure|deprecated|broken))|(?:when|whenever|if|while|once) (?:you |the (?:user|agent) )?(?:us(?:e|es|ing)|call(?:s|ing)?|invok(?:e|es|ing)|run(?:s|ning)?) (?:the )?(?:[a-z]{2,24}(?:_[a-z0-9]{1,24}){1,6} (?:tool|function)|(?:send|write|create|delete|post|transfer|pay|execute|update|upload)_[a-z0-9_]{1,40})|with (?:send|write|create|delete|post|transfer|pay|execute|update|upload)_[a-z0-9_]{1,40}|tool is (?:called|used|invoked|available|about to|present)|(?:messages?|e-?mails?|payments?|transfers?) (?:is|are|gets?) (?:(?:being|about|going) )?(?:to be )?(?:sent|made|initiated|executed) (?:with|by|through|using)|(?:messages?|e-?mails?|payments?|transfers?) (?:is|are) (?:about )?to be (?:sent|made)|(?:when|whenever|if|once|before|after) (?:you |the user )?(?:send|sending|sends|transfer|transferring|pay|paying|post|posting) )\b/g,
)

/** Something the user gave is exchanged for something else. */
export const exchange: Signal = signal(
  'change replace substitute swap redirect reroute route modify alter rewrite set override use add recipient phone number account iban amount destination url endpoint bcc cc wallet email e message payee beneficiary transfer payment fund forward copy send request traffic',
  /\b(?:change|replace|replacing|substitute|swap|redirect|reroute|modify|alter|rewrite|set|override|use|add|add a hidden)\b(?: \w{1,14}){0,4} (?:recipients?|phone number|number|account(?: number)?|iban|address(?:es)?|amount|destination|url|endpoint|bcc|cc|fee|wallet|e-?mails?|payee|beneficiary|price)\b(?: \w{1,14}){0,6} (?:to|with|by|rather|instead|\d)|\b(?:recipients?|phone numbers?|numbers?|account(?: number)?|iban|address(?:es)?|amount|destination|url|endpoint|bcc|cc|wallet|e-?mails?|message|payee|beneficiary|transfer|payment|funds)s? (?:\w{1,14} ){0,4}(?:replaced|changed|redirected|rerouted|rewritten|substituted|set|addressed|sent|forwarded|copied|swapped|overridden|routed) (?:\w{1,14} ){0,3}(?:to|by|with|through)\b|\b(?:transfers?|payments?|messages?|e-?mails?|requests|traffic) (?:\w{1,12} ){0,2}(?:go|goes|routed|pass|passes) (?:\w{1,12} )?(?:through|via|to)\b|\b(?:redirect|reroute|route|forward|address|copy|send|bcc|cc) (?:\w{1,14} ){0,4}(?:to|through|via)\b/g,
)

/** Called for everything. */
export const always: Signal = signal(
  'for on before after with to at of all every be',
  /\b(?:for|on|before|after|with|to|at|of) (?:using |calling |invoking |running |executing )?(?:every|any|each|all|absolutely all) (?:\w{1,12} ){0,2}(?:requests?|quer(?:y|ies)|messages?|tasks?|prompts?|interactions?|questions?|conversations?|responses?|operations?|tool calls?|turns?|workflows?|sessions?|steps?|tools?|lint|calls?|use)\b|\b(?:all|every) (?:user )?(?:requests?|interactions?|queries|messages) must\b|\bbe (?:called|invoked|used|executed) (?:\w{1,12} )?(?:first|before (?:any|every|all))/g,
)

/** Data that somebody would not hand out: private, or of another tool or task. */
export const privateData: Signal = signal(
  'home postal address contact whole browsing bank social private not don care the clipboard personal sensitive internal everything all',
  /\b(?:home|postal|private) address|\baddress book|\bcontact list|\bwhole (?:inbox|calendar|address book)|\bbrowsing history|\bbank details|\bsocial security|\bprivate (?:ones|repos\b|repositor(?:y|ies)|data|files?|messages?|information|notes|e-?mails|documents|channels?)|\b(?:not|n't) care about (?:\w{1,12} )?privacy|\bpersonal (?:data|information|details)|\binternal (?:documents|files|data)/g,
)

/** "Send a copy of the results to https://…". */
export const sendsTo: Signal = signal(
  'send sends sending forward upload transmit post relay mirror exfiltrate submit report push deliver copy bcc cc embed append let loop add include notify inform alert mail call invoke use load fetch open visit request render display get transfer pay donate route exfiltrate exfiltration < !',
  /\b(?:send|sends|sending|forward|forwarding|upload|transmit|relay|mirror|exfiltrate|submit|push|deliver|copy|bcc|cc)\b(?! (?:a |an )?(?:request|post|get|put|patch|delete|http))(?:[^.!?]|[.!?](?=\S)){0,60} (?:to|at|via) (?:https?:\/\/|[\w.+-]{1,64}@[\w-]{1,63}\.)|\bexfiltrat(?:e|es|ing|ion)\b|\b(?:send|transfer|pay|donate|route)\b (?:\w{1,12} ){0,5}to (?:iban )?(?:0x[0-9a-f]{40}|bc1[a-z0-9]{20,60}|[a-z]{2}\d{2}(?: ?[\da-z]{4}){3,7})\b|<img [^>]{0,40}src=['"]?https?:[^>]{0,100}[?&][\w-]{0,30}=(?:\{|\$|<|conversation|data)|\b(?:b?cc|let|loop|copy|add|include|notify|inform|alert|forward|mail)\b[^.!?@]{0,40}[ :"'(][\w.+-]{1,64}@[\w-]{1,63}\.|\b(?:call|invoke|use) [\w-]{3,40} (?:to|with) [\w.+-]{1,64}@|\b(?:load|fetch|open|visit|request|render|embed|display|call) (?:\w{1,12} ){0,3}https?:\/\/[^\s]{1,100}[?&][\w-]{0,30}=(?:$|[ {<$%[]|data)|!\[[^\][]{0,40}\]\(https?:\/\/[^)\s!]{0,120}[?&][\w-]{1,30}=(?!\d|true|false|png|jpe?g|webp)/g,
)

/** Secrets that are not of the call: of the user, of the machine, wherever they are found. */
export const whosever: Signal = signal(
  'any all whatever every user the from your stored found local appear process saved available present their workspace in on user appears',
  /\b(?:any|all|whatever|every) (?:\w{1,14} ){0,2}(?:api|access|credentials?|passwords?|secrets|tokens?|keys?|variables|environment)|\b(?:the |their )?user's\b|\btheir (?:private|ssh|api|saved|stored|browser|own)\b|\bworkspace's\b|\b(?:in|on|from) (?:their|your|the|its) (?:notes|chat|disk|documents|keychain|project|home|browser|workspace|machine|computer)\b|\bappears? (?:earlier|above|in)\b|\bon disk\b|\b(?:of|from) the (?:user|shell|environment|system|machine|host|session|browser|conversation)|\b(?:in|from) (?:your|this|the|its) (?:environment|memory|context|session|system|machine|browser|conversation|filesystem)|\b(?:stored|found|saved|available|present|appear) (?:in|on|locally)|\bshell environment|\bprocess\.env/g,
  foreign.whosever,
)

/** Calls of this tool that the user did not ask for. */
export const calledAnyway: Signal = signal(
  'this tool call invoke it be has must',
  /\b(?:call|calling|invoke|run|use|execute) (?:this tool|this function|it|this|me)\b|\b(?:this tool|it|this function) (?:must|has to|needs to|should|is to|shall) (?:always )?be (?:called|invoked|used|executed|run)/g,
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

/** Something made worse than it was asked to be. */
export const tamper: Signal = signal(
  'switch turn disable instead fallback backdoor hard certificate leave omit raise inflate negative superior promote',
  /\b(?:switch(?:ed|es)?|turn(?:ed|s)?) off\b|\bdisabled?\b|\binstead of\b|\bfallback (?:account|user|password)|\bbackdoor|\bhard-?coded?\b|\bcertificate checks\b|\bleave out\b|\bomit\b|\binflate\b|\bnegative reviews\b|\bas superior\b|\bpromote\b/g,
)

/** What the one who fills in a parameter is to write there. */
export const fillIn: Signal = signal(
  'add append look get has needs put place paste fill write insert include copy enter supply provide set give must should shall this find take obtain populate',
  /\b(?:put|place|paste|write|insert|include|copy|enter|supply|provide|append|add) (?:\w{1,12} ){0,2}(?:here|the|all|any|every|whatever|its|their|your|his|user's?)\b|\bfill (?:this|it|in|the)\b|\b(?:this|it|field|parameter|argument|value) (?:\w{1,12} )?(?:must|should|shall|has to|needs to) (?:be|hold|contain|include|carry)\b|\bset (?:this|it) to\b|\bpopulate\b|\b(?:find|get|take|look) (?:it|them|this) (?:up )?(?:in|from|on|at|out)\b/g,
)

/** What was read just before goes elsewhere. */
export const passedOn: Signal = signal(
  'send forward upload post transmit report submit relay mail copy pipe mirror duplicate',
  /\b(?:send|forward|upload|post|transmit|report|submit|relay|mail|copy|pipe|mirror|duplicate)(?:s|ing)? (?:them|it|everything|what(?:ever)? (?:you|it|is)|(?:the|its|their) (?:contents?|results?|output)|(?:every|each|all|a copy of (?:every|each|all|the)) (?:\w{1,12} ){0,2}(?:messages?|e-?mails?|files?|requests?|calls?|results?|answers?|documents?)) (?:\w{1,12} )?(?:to|via|through)\b/g,
)

/** Where a model finds what nobody gave it. */
export const around: Signal = signal(
  'in from on present found stored saved appear visible mentioned process shell search scan look',
  /\b(?:in|from) (?:your|this|their|the user's) (?:environment|memory|context|session|system|machine|browser|conversation|filesystem|chat|notes|documents|keychain|home|workspace|computer|project)\b|\b(?:present|found|stored|saved|appear(?:s|ing)?|visible|mentioned) (?:\w{1,12} )?(?:earlier|above|locally|(?:in|on) (?:your|the|this|their) (?:environment|memory|context|session|system|machine|browser|conversation|chat|notes|computer|project|disk))\b|\b(?:search|scan|look through|look in) (?:the |their |your )?(?:project|disk|home|files|workspace|repository|repo|machine|system)(?: \w{1,12}){0,2} for (?:it|them|one)\b|\bon disk\b|\bshell environment|\bprocess\.env/g,
)
