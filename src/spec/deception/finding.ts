// What the linter answers. A finding is a reason to look, made from words alone: text without one is not thereby honest.

export type DeceptionRule =
  /** Characters that a person does not see and a model reads: bidi controls, tags, zero-width, variation selectors. */
  | 'hidden-characters'
  /** Escape sequences that change what a terminal shows. */
  | 'terminal-escape'
  /** Text pushed out of sight by white space. */
  | 'hidden-by-space'
  /** Text inside a comment or an element that is not shown when rendered. */
  | 'hidden-markup'
  /** A word of letters of two scripts. */
  | 'mixed-scripts'
  /** Text that has to be decoded to be read. */
  | 'encoded-text'
  /** Tags and headings that pose as the model's own instructions. */
  | 'pseudo-tag'
  /** Instructions that set aside those of the user or the application. */
  | 'instruction-override'
  /** What the user shall not be told or asked. */
  | 'secrecy'
  /** An order to do something else than what the tool is for. */
  | 'hidden-task'
  /** An order to read secrets or files that hold them. */
  | 'secret-access'
  /** An order to send data somewhere, or to pass along what the call does not need. */
  | 'exfiltration'
  /** A parameter that asks for the conversation, the model's instructions or its reasoning. */
  | 'context-parameter'
  /** An order about another tool. */
  | 'tool-shadowing'
  /** Praise or orders that make the model choose this tool over others. */
  | 'preference'
  /** A name taken for another tool's. */
  | 'confusable-name'

/** `deceptive`: no honest text needs it. `suspicious`: honest text has it at times; a person should look. */
export type Severity = 'deceptive' | 'suspicious'

export interface Finding {
  readonly rule: DeceptionRule
  readonly severity: Severity
  /** JSON pointer into the tool, or the release. */
  readonly path: string
  /** One line, safe to print: what is not visible is written as `\u{…}`. */
  readonly excerpt: string
  /** A sentence. */
  readonly why: string
  /** What to do about it, for whoever can change the text, and for whoever is to trust it. */
  readonly next: string
}

/** A finding in one of the tools of a release; without `tool`, in the release itself. */
export interface ReleaseFinding extends Finding {
  readonly tool?: string
}

/** What to do about a finding, by its rule. */
export const NEXT_STEPS: Readonly<Record<DeceptionRule, string>> = {
  'hidden-characters': 'Write the text again without the characters that nobody sees.',
  'terminal-escape': 'Remove the escape sequence.',
  'hidden-by-space': 'Remove the white space, and read what comes after it.',
  'hidden-markup': 'Remove the comment, or say openly what it says.',
  'mixed-scripts': 'Write the word in one alphabet.',
  'encoded-text': 'Write in clear what is encoded.',
  'pseudo-tag': 'Describe what the tool does; leave instructions to the application.',
  'instruction-override': 'Remove the sentence: no tool decides which instructions count.',
  secrecy: 'Remove the sentence: a user may know all that a tool has a model do.',
  'hidden-task': 'Describe what the tool does, and nothing that is to be done besides.',
  'secret-access': 'Remove it, or let the tool itself read what it needs and say so.',
  exfiltration: 'Ask for what the call needs, and for nothing else.',
  'context-parameter': 'Remove the parameter, or name it after what the call needs.',
  'tool-shadowing': 'Describe this tool only.',
  preference: 'Say what the tool is good for, and leave the choice to the model and the user.',
  'confusable-name': 'Give the tool a name that is not taken for another.',
}
