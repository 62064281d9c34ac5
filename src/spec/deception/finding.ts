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
}

/** A finding in one of the tools of a release; without `tool`, in the release itself. */
export interface ReleaseFinding extends Finding {
  readonly tool?: string
}
