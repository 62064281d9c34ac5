// What few honest texts say: each pattern is a finding alone, or nearly. Over plain text, in linear time, as in signals.ts.

import * as foreign from './languages.ts'
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
  'tell inform notify alert warn bother let mention disclose discuss reveal reference explain announce point talk refer report acknowledge surface bring comment divulge ask told know see notice learn find aware realize shown keep hide hidden conceal invisible draw raise arouse upset confuse alarm worry scare permission consent unaware quiet silent leave left omit drop silently quietly covertly secretly discreetly claim pretend rarely hardly seldom password pin passphrase seed card code pretext pretence guise confirmation approval log record audit mum watching paying looking around check involve wait was admit mind care',
  [
    `\\b${NOT} (?:\\w{1,12} ){0,2}${TOLD} ${PERSON}\\b(?! (?:to\\b|how\\b|they can|when\\b|until\\b))`,
    `\\b${NOT} (?:\\w{1,12} ){0,2}${SPOKEN} (?:\\w{1,12} ){0,1}${FACT}\\b`,
    `\\b${NOT} ask ${PERSON} (?:for (?:permission|confirmation|consent|approval)|about this|first)`,
    `\\b${PERSON} (?:must|should|shall|need|may)(?: not|n't| never) (?:\\w{1,12} ){0,2}(?:told|informed|notified|know|see|notice|learn|find out|aware|realize|realise|shown)\\b`,
    `\\b(?:keep|keeping) (?:this|it|these|that)(?: \\w{1,12}){0,3} (?:secret|hidden|to yourself|confidential|private|from ${PERSON})`,
    `\\b(?:hide|hiding|conceal|concealing|(?:stay|remain|be|keep|kept) (?:hidden|concealed|invisible)) (?:\\w{1,12} ){0,3}from ${PERSON}`,
    `\\bwithout (?:${PERSON}(?:'s?)? (?:knowledge|knowing|noticing|awareness|consent)|drawing (?:any )?attention|raising (?:any )?suspicion|further explanation|any explanation)`,
    `\\b${PERSON} (?:are|is|will be|stay|remain) (?:kept )?unaware\\b`,
    `\\bunder (?:the|a|some) (?:false )?(?:pretext|pretence|guise)\\b`,
    `\\b(?:ask|have|get|tell|prompt|make) ${PERSON} (?:for |to |that )?(?:\\w{1,12} ){0,9}(?:their|his|her|the) (?:\\w{1,12} )?(?:password|pin|passphrase|seed phrase|card number|2fa code|one-time code)\\b`,
    `\\bnot up for discussion\\b`,
    `\\b(?:not|n't|never) (?:draw|raise|arouse) (?:any )?(?:attention|suspicion)`,
    `\\b(?:users?|they) (?:do|does|need|would)(?: not|n't| never) (?:need to|have to|want to) (?:know|see|be told|be informed)`,
    `\\b(?:could|may|might|would|only) (?:\\w{1,12} ){0,2}(?:upset|confuse|confuses|alarm|worry|scare) ${PERSON}`,
    `\\b(?:should|must|shall|may|can|will) (?:never|not) be (?:mentioned|disclosed|revealed|explained|reported|admitted) to (?:the )?(?:users?|customers?|anyone|them)\\b`,
    `\\b(?:do not|don't|never|no need to) (?:\\w{1,12} ){0,2}bring (?:it|this|that) up\\b`,
    `\\b(?:keep|stay|remain) (?:quiet|silent|mum) about\\b`,
    `\\b(?:users?|customers?|they) never (?:learns?|notices?|sees?|finds? out|knows?|realizes?)\\b`,
    `\\bneed not (?:bother|involve|tell|inform|trouble) (?:the )?(?:users?|them)\\b`,
    `\\b(?:leave|omit|left|omitted|drop)(?:ted)? (?:\\w{1,12} ){0,4}(?:out of|from) (?:your|the|any) (?:\\w{1,12} )?(?:summar(?:y|ies)|answers?|repl(?:y|ies)|report to the user)\\b`,
    `\\b(?:silently|quietly|covertly|secretly|discreetly) (?:send|forward|copy|read|upload|collect|transmit|record|relay|mirror|exfiltrate|attach|append)s?\\b`,
    `\\b(?:do not|don't|never|no need to) (?:log|record|audit) (?:any|this|these|the) (?:\\w{1,12} ){0,2}(?:operations?|actions?|calls?|activity|requests?|steps?|access)\\b`,
    `\\bwhen (?:the user|users) (?:is|are)(?: not|n't) (?:watching|looking|paying attention|around)`,
    `\\breporting (?:\\w{1,12} ){0,3}is (?:unnecessary|not needed|not necessary|optional)`,
    `\\bno need to (?:check back|report back|involve|wait for (?:the )?(?:users?|them))`,
    `\\b(?:hide|conceal) the (?:\\w{1,12} ){0,2}(?:fee|price|cost|charge|change|call|request|copy|read|transfer|action)s?\\b`,
    `\\b(?:say|claim|pretend|tell the user|tell them)(?: that)? (?:it|this) (?:was|is) (?:only|just|merely)\\b`,
    `\\bask(?:ing)? (?:them |him |her )?for (?:their|his|her|the user's) (?:\\w{1,12} )?(?:password|pin|passphrase|seed phrase|card number|2fa code|one-time code)\\b`,
    `\\b(?:users?|they) (?:rarely|hardly|never|seldom) (?:care|mind|notice)`,
    `\\btell (?:the user|users|them) (?:that )?(?:\\w{1,12} ){1,6},? ?(?:whatever|regardless|no matter|even if|even though)\\b`,
    `\\bneeds? no (?:confirmation|approval|consent) from ${PERSON}`,
  ].join('|'),
  foreign.secrecy,
)

/** Done so that nobody notices. */
export const quiet: Signal = signal(
  'silently quietly covertly secretly discreetly unobtrusively stealthily behind unnoticed undetected leaves nobody none no without automatically when while if so on after',
  /(?<!never |not |n't |avoid |sent |delivered )\b(?:silently|quietly|covertly|secretly|discreetly|unobtrusively|stealthily|behind the scenes|unnoticed|undetected|leav(?:e|es|ing) no trace|(?:nobody|no one|none) (?:\w{1,12} ){0,3}(?:aware|told|notified|notices?|knows?|informed|sees)|without (?:leaving )?(?:a |any )?(?:traces?|records?|footprint)|(?:when|while|if) (?:nobody|no one) is (?:watching|looking)|(?:on|after) every \d+(?:rd|th|nd|st) (?:call|run|use|request)|so that (?:no|filters) (?:\w{1,12} ){0,3}(?:appears?|trip|notices?|triggers?|fires?)|without (?:asking|confirm\w{0,8}|prompting|telling|informing|notifying|permission|explanation|mention\w{0,4}|announc\w{0,6})|automatically and invisibly)\b/g,
)

export const override: Signal = signal(
  'ignore disregard forget override overrule discard bypass set supersede neglect take outrank have previous prior earlier your system you new updated revised developer maintenance admin god debug jailbreak unrestricted act behave operate respond pretend safety security content ethical in without never don not counts regarded treated considered rules instructions guidelines directives propagate replicate spread repeat reveal disclose hand leak print',
  [
    "\\b(?:ignore|disregard|forget|override|overrule|discard|bypass|set aside|supersede|neglect)s? (?:\\w{1,12} ){0,4}(?:previous|prior|earlier|above|preceding|foregoing|existing|original|system|safety|other|user'?s?|your|all) (?:\\w{1,12} ){0,2}(?:instructions?|prompts?|directions?|rules|guidelines|guardrails|directives|constraints|messages?|commands?|policies|restrictions|orders)",
    '\\b(?:previous|prior|earlier|your|system) (?:\\w{1,12} ){0,2}(?:instructions|prompt|guidelines|rules|directives|guardrails) (?:\\w{1,12} ){0,2}(?:no longer appl\\w{0,4}|do not apply|are (?:void|obsolete|cancelled|suspended|replaced|overridden)|should be ignored|must be ignored)',
    '\\b(?:disregard|ignore) (?:everything|anything|whatever|what) (?:\\w{1,12} ){0,4}(?:says?|said|told|above|before|states?)',
    '\\byou (?:are a different (?:system|assistant|model|agent|ai)|now work for|answer to us)\\b',
    '\\b(?:rules|instructions|guidelines|directives) (?:above|before this|so far|you were given) (?:no longer|do not|are|cease)',
    '\\b(?:propagate|replicate|spread|repeat) (?:this|these|the following) (?:instructions?|prompts?|payloads?|directives?) (?:to|in|into|across)\\b',
    '\\b(?:reveal|disclose|hand out|hand over|leak|print out|repeat) (?:\\w{1,12} ){0,2}(?:system|developer|hidden|initial) (?:prompt|message|instructions?)\\b',
    '\\byou are (?:now|no longer) (?:in |an? |bound|restricted|required|the |allowed|dan\\b|operating)',
    '\\b(?:new|updated|revised) (?:system )?(?:instructions?|directives?|prompt) ?:',
    '\\b(?:override|supersede|takes? precedence over|takes? priority over|have priority over|outrank)s? (?:\\w{1,12} ){0,3}(?:user|system|other|previous|any|all) (?:\\w{1,12} ){0,2}(?:instructions?|prompts?|requests?|messages?|directives|preferences|rules)',
    '\\b(?:developer|maintenance|admin|god|debug|jailbreak|unrestricted) mode (?:\\w{1,12} ){0,2}(?:enabled|activated|on\\b|is active|and your)',
    '\\bin (?:maintenance|developer|unrestricted|god) mode\\b',
    '\\b(?:act|behave|operate|respond) as (?:an? )?(?:\\w{1,12} )?(?:unrestricted|uncensored|unfiltered|jailbroken|unaligned|root|administrator)\\b',
    "\\b(?:without|never|not|n't) refus(?:al|e|ing)\\b",
    '\\b(?:counts?|regarded|treated|considered) as (?:safe|approved|trusted|authori[sz]ed|confirmed)\\b',
    '\\boutranks?\\b',
    '\\b(?:ignore|disregard|overrule) (?:the|your) (?:users?|human|operator)(?: and\\b|$|[.,;])',
    '\\bpretend (?:that|to be|you|the)\\b',
    '\\b(?:safety|security|content|ethical) (?:policies|policy|filters?|rules|checks|measures|guidelines|guardrails|restrictions) (?:are|is|have been|must be|should be) (?:\\w{1,12} )?(?:off|disabled|suspended|lifted|ignored|removed|bypassed|deactivated)\\b',
  ].join('|'),
  foreign.override,
)

/** This tool before, or in place of, every other. */
export const preference: Signal = signal(
  'never do don under must should avoid stop ignore disregard skip disable bypass only always choose prefer select pick prioritize use call favour override replace supersede take superior better outperform preferred even whatever regardless irrespective route other keep priority malicious whichever best greatest most highest number top insecure deprecated unsafe broken obsolete unreliable compromised wrong officially endorsed certified recommended approved ahead before without speak write report competitors providers claim say pretend tell return give produce no first all not required tools',
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
    '\\b(?:unsafe|insecure|compromised|malicious)\\b ?[:;,.-] ?(?:please |always )?(?:use|call|choose) this (?:tool|one)',
    '\\b(?:insecure|deprecated|unsafe|broken|obsolete|unreliable|compromised|wrong results?)\\b(?:[^.!?]|[.!?](?=\\S)){0,40}(?:must not|never|should not|do not|no longer|not be) (?:\\w{1,12} ){0,3}(?:be )?(?:used|use|call|called)\\b(?:[^.!?]|[.!?](?=\\S)){0,60}(?:this (?:tool|one)|instead)',
    '\\b(?:whatever|whichever|regardless of|no matter (?:which|what)) (?:the )?(?:recipient|receiver|address|number|destination|account|tool|amount) (?:\\w{1,12} ){0,3}(?:chosen|given|specified|named|asked|wants?|provided|says?|selected)',
    '\\bother (?:\\w{1,14} ){0,2}(?:tools?|functions?|servers?) (?:have been|has been|are|were) (?:\\w{1,12} )?(?:retired|removed|disabled|deprecated|replaced|superseded|discontinued|switched off)\\b',
    '\\b(?:choose|prefer|select|pick|use|call) (?:this|it)(?: tool| one| function| service)? (?:\\w{1,12} ){0,2}(?:over|instead of|rather than) (?:\\w{1,12} ){0,2}(?:competing|competitors?|similar|comparable|rival|other|alternative)\\b(?! (?:\\w{1,12} ){0,6}until)',
    '\\b(?:officially )?(?:endorsed|certified|recommended|approved) by (?:anthropic|openai|google|microsoft|the (?:model|ai) (?:vendor|provider|company))\\b',
    '\\bother (?:\\w{1,14} ){0,2}(?:tools?|functions?|servers?|providers|products) (?:\\w{1,12} ){0,2}(?:should|must|may|can) (?:never|not) be (?:chosen|used|called|trusted|selected|preferred)',
    '\\b(?:first|only) (?:tool|function) (?:\\w{1,12} ){0,3}(?:in|of|for|on) (?:every|each|any|all) (?:\\w{1,12} )?(?:conversations?|sessions?|turns?|requests?|tasks?|interactions?|chats?)\\b',
    '\\b(?:all|any) other tools? (?:will|would|may|must) (?:fail|break|stop|not work|be ignored)',
    '\\b(?:always|must|required to|and) (?:say|claim|tell (?:the )?users?|state|present|rank|describe|suggest|recommend) (?:that )?(?:\\w{1,14} ){0,4}(?:is the (?:best|cheapest|safest)|first|competitors?|competing|our (?:brand|product|service)|are (?:unsafe|insecure|inferior))\\b(?: \\w{1,12}){0,4} (?:is|are|have|has|even|regardless|and say)\\b',
    '\\b(?:ahead of|before) (?:anything else|all else|everything else)\\b(?: \\w{1,12}){0,6} (?:you|chats?|conversations?|turns?|user)\\b',
    '\\b(?:not|never) (?:permitted|allowed) to (?:reply|respond|answer|use|call|proceed)',
    '\\bno other (?:tools?|functions?) (?:may|can|should|must|is|are) (?:be )?(?:used|called|allowed|trusted|needed|permitted)',
    '\\beven (?:upon|on|at|by|after) (?:\\w{1,12} )?requests?\\b',
    '\\bnever (?:fall back|switch|default) (?:to|on) (?:them|it|other|another)',
    "\\b(?:not|n't|never|without) (?:label\\w{0,4}|mark\\w{0,3}|disclos\\w{1,3}|flag\\w{0,4}) (?:\\w{1,12} ){0,3}(?:as )?(?:ads?|sponsored|adverts?|advertisements?|paid)\\b",
    '\\b(?:speak|write|report) (?:un)?favou?rabl[ey]',
    '\\b(?:tools?|servers?|providers|competitors) are (?:known|reported|said|found) to (?:be |have )?(?:leak|steal|unsafe|insecure|sell|lie|security)',
    '\\b(?:return|give|report|produce)s? (?:\\w{1,12} ){0,3}(?:by mistake|wrongly|incorrectly|in error)\\b',
    '\\b(?:tool|function|server) [\\w-]{2,40} is (?:buggy|broken|insecure|unsafe|vulnerable|compromised|unreliable|malicious)',
    '\\b(?:whatever|regardless of|no matter) (?:what )?(?:the )?(?:\\w{1,12} )?(?:outcome|truth|real (?:result|answer)|facts)\\b',
    "\\b(?:do not|don't|never) (?:use|call|trust) (?:the )?[\\w-]{2,40} (?:tool|function|server)s?\\b(?:[^.!?]|[.!?](?=\\S)){0,60}\\b(?:compromised|unsafe|insecure|malicious|hacked|infected|vulnerable|leaks?)\\b",
    '\\b(?:claim|say|pretend|tell (?:the )?users?) that (?:all )?(?:other|competing|rival|alternative) ',
    '\\bkeep (?:on )?(?:calling|invoking|using) (?:this|it)\\b',
    "\\b(?:do not|don't|never) stop (?:\\w{1,12} ){0,3}(?:user|asked|told)\\b",
    '\\bpriority ?: ?(?:highest|critical|maximum|urgent)\\b',
    '\\bother (?:\\w{1,14} ){0,2}(?:tools?|functions?|servers?|\\w{3,14}ors) (?:will )?(?:give|return|produce|are|were|deliver) (?:\\w{1,12} )?(?:wrong|incorrect|inaccurate|outdated|unsafe|compromised|deprecated|unreliable|broken|malicious|insecure)\\b',
    '\\b(?:must|always) use this tool for (?:all|any|every)\\b.{0,60}\\b(?:best|only|never|wrong)',
    '\\b(?:best|greatest|most powerful) (?:\\w{1,12} )?(?:tool|function|server) (?:in the world|ever|of all|available|there is|you have)\\b',
    '\\b(?:best|only|most (?:accurate|reliable|trusted|powerful|advanced)|highest[- ]priority|number one|top) (?:\\w{1,12} ){0,2}(?:tool|function|choice|option)\\b(?:[^.!?]|[.!?](?=\\S)){0,60}(?:always|over (?:any|all)|never|must|prioriti|first|instead of)',
  ].join('|'),
  foreign.preference,
)

/** Commands that nobody documents a tool with. */
export const shell: Signal = signal(
  'curl wget pipe chmod run usermod visudo net rm nc / base64 cat grep crontab authorized pip install open calc append add write echo powershell bash eval use ufw setenforce auto autoapprove turn switch -',
  /\b(?:curl|wget)\b[^|]{1,80}\| ?(?:sudo )?(?:ba|z)?sh\b|\bpipe (?:it|this|the output|that) (?:to|into) (?:ba|z)?sh\b|\bchmod (?:-r )?0?(?:777|666)|\brm -rf? (?:--no-preserve-root )?(?:~|\$home|\/(?:\s|$|\*|home|etc|usr|root|users))|\buse the (?:value|contents?) of (?:the )?(?:\w{1,24} ){0,2}(?:\w{0,24}_)?(?:key|token|secret|password|credentials?) (?:environment|env|variable|file)\b|\bpowershell (?:\S{1,20} ){0,3}-e(?:nc|ncodedcommand)\b|\bbash -i\b|\b(?:ufw disable|setenforce 0)\b|--(?:extra-)?index-url http:|\bauto_?-?(?:approve|run|accept|execute)\b['"\]]{0,2} ?(?::|=|to|set to) ?(?:true|\[|on\b|['"])|\b(?:turn|switch) on auto-?(?:run|approve|accept)|\beval\(atob\(|\brun sudo\b|\busermod\b|\bvisudo\b|\bnet user \w|\bnc -e\b|\/dev\/tcp\/|\bbase64 -d\b|\bcat (?:~|\/etc|\.env|\$home)|\bgrep -[a-z]{1,4} \S{1,80} ~|\bcrontab -|\b(?:append|add|write|echo)\b(?:[^.!?]|[.!?](?=\S)){0,60}\bauthorized_keys\b|\bpip install http|\binstall packages from http|\bopen the calculator|\bcalc\.exe\b/g,
)

/** Consent that nobody gave. */
export const consent: Signal = signal(
  'user users administrator admin owner team operator you assume accept confirmation approval permission skip bypass suppress auto do don never no without pre already has auto autoapprove without',
  /\b(?:(?:user|administrator|admin|owner|team|operator) has|users have) (?:already |previously )(?:approved|consented|authori[sz]ed|agreed|granted|given (?:\w{1,12} ){0,2}(?:consent|permission))|\b(?:skip|bypass|suppress|auto-?accept|auto-?approve) (?:\w{1,12} ){0,3}(?:confirmations?|approvals?|consent|permissions?|prompts?|dialogs?)\b|\b(?:do not|don't|never|no need to) (?:ask|prompt|wait)(?: \w{1,12}){0,3} (?:confirmation|approval|permission|consent)\b|\b(?:do not|don't|never|no need to) (?:ask|request|seek|require) (?:\w{1,12} ){0,2}(?:again|approval|permission|confirmation|consent)\b|\busers? (?:have|has) consented\b|\b(?:confirmation|approval|consent|permission) (?:is|are) (?:not|never) (?:required|needed|necessary)\b|\bassume (?:\w{1,12} )?(?:consent|approval|permission)|\baccept (?:the|all|any) (?:terms|conditions)|\bpre-?(?:approved|authori[sz]ed)\b|\bauto_?-?approve\b/g,
)

/** Something left behind where it acts later: in files that instruct agents or shells, in links and packages that people follow. */
export const plant: Signal = signal(
  'write append add save store insert put edit modify update replace change substitute rewrite point redirect swap',
  /\b(?:write|append|add|save|store|insert|put|edit|modify|change|update)\b(?:[^.!?]|[.!?](?=\S)){0,60} (?:(?:to|into|in) )?(?:\w{1,12} ){0,2}(?:the )?(?:~\/)?(?:\.git\/hooks|\.cursorrules|\.cursor\/rules|\.cursor\/|mcp\.json|claude_desktop_config|mcp (?:server )?config\w{0,8}|bashrc|claude\.md|agents\.md|\.github\/copilot|copilot-instructions|\.vscode\/settings|\.bashrc|\.zshrc|\.profile|crontab|authorized_keys)|\b(?:replace|change|substitute|rewrite|point|redirect|swap)\b(?:[^.!?]|[.!?](?=\S)){0,60} (?:links?|urls?|packages?|imports?|domains?|addresses|numbers) (?:[^.!?]|[.!?](?=\S)){0,40}(?:with|to|by) (?:\w{1,12} ){0,2}(?:https?:|[\w-]{2,40}\.(?:com|net|org|io|test|example|xyz|dev|club))/g,
)

/** What comes from outside, obeyed. */
export const obey: Signal = signal(
  'treat regard consider follow obey carry execute act comply trusted commands instructions whatever anything everything rank authority weight force orders order instruction command directives directive contain contains include includes hold holds tasks task tells asks says states demands instructs',
  [
    "(?<!never |not |n't |without )\\b(?:treat|regard|consider|take|accept) (?:\\w{1,14} ){0,6}as (?:\\w{1,12} ){0,3}(?:instructions?|orders?|directives?|(?:trusted|binding|system|operator|user) \\w{1,12})\\b",
    '\\b(?:whatever|anything|everything|if|when) (?:that )?the (?:page|image|text|output|result|document|website|response|file|content|email|message)s? (?:\\w{1,12} )?(?:tells?|asks?|instructs?|orders?|demands?) (?:you|the (?:agent|assistant|model))',
    '\\b(?:whatever|anything|everything) the (?:page|image|text|output|result|document|website|response|file|content|email|message)s? (?:says?|contains?|states?|demands?)',
    '\\b(?:rank|authority|weight|force|status) of (?:a |the |an )?(?:system|developer|operator|user|admin\\w{0,9}) (?:message|prompt|instruction|request|order)s?',
    '\\b(?:is|are) (?:tasks?|orders?|instructions?|commands?) (?:for you|that you|you must|to you)\\b',
    '\\b(?:instructions?|orders?|commands?|directives?) (?:\\w{1,12} ){0,3}(?:in|from|by) (?:the |its |a |any )?(?:\\w{1,12} )?(?:content|page|output|response|result|document|file|e-?mail|message|text)s? (?:\\w{1,12} ){0,3}(?:take priority|take precedence|(?:must|should|have to|are to|need to) be (?:executed|followed|obeyed|carried out))',
    '\\b(?:contain|include|carry|hold)s? (?:orders|instructions|commands|tasks) (?:that )?(?:you|which|for you) (?:\\w{1,12} )?(?:must|should|have to|are to|need)',
    "(?<!never |not |n't |without )\\b(?:obey|follow|execute|carry out|act on|comply with) (?:\\w{1,12} ){0,3}(?:instructions?|orders?|commands?|directives?|whatever|everything|anything) (?:\\w{1,12} ){0,4}(?:in|from|of|by|inside|within) (?:the |its |this |any |these )?(?:\\w{1,12} )?(?:tool )?(?:outputs?|results?|responses?|repl(?:y|ies)|returned|answers?)\\b",
    '\\b(?:outputs?|results?|records?|lines|articles?|texts?|contents?|messages?|responses?|returned) (?:\\w{1,12} ){0,3}(?:are|is) (?:to be )?(?:(?:trusted|verified|system|operator|new|binding|direct) ){1,2}(?:commands?|instructions?|orders?)\\b',
    '\\b(?:they|these|those|which|it) (?:must|should|are to|is to) be (?:obeyed|followed|executed|carried out) (?:exactly|verbatim|without|blindly|literally)',
  ].join('|'),
)

/** To be remembered beyond the call. */
export const standing: Signal = signal(
  'add put note remember memorize save store write keep from for in permanently long whenever all every future persist',
  /\b(?:remember|memori[sz]e|save|store|write|keep|persist|note|add|put)\b(?:[^.!?]|[.!?](?=\S)){0,40} (?:permanently|memory|for ever|forever)|\b(?:for|in|to|across) (?:all |every |any )?(?:future|subsequent|later) (?:\w{1,12} )?(?:sessions?|conversations?|interactions?|chats?|quer(?:y|ies)|requests?|turns?|users?)\b|\bfrom (?:now|here) on\b|\bpermanently\b|\blong-?term memory\b|\bwhenever (?:a|the|any) user asks\b/g,
)

/** Whom to trust, what to fear. */
export const trust: Signal = signal(
  'trust trusts trusted false security warnings safety dismiss optional safe approved approvals links allowed exempt prefer prefers never all any always pre',
  /\btrust(?:s|ed|worthy)?\b|\bfalse (?:alarms?|positives?)|\bsecurity (?:\w{1,12} ){0,3}(?:optional|unnecessary|warnings?|checks?|disabled)|\b(?:safety|security) warnings?|\bdismiss(?:ed)?\b|\b(?:all|any) links\b|\b(?:always|pre-?)(?: be)? (?:approved?|allowed?|safe)\b|\bexempt\b|\bprefers? \S{3,40} (?:for|over) (?:every|all|any)\b|\bnever needs? (?:\w{1,12} )?(?:approval|confirmation|permission)/g,
)
