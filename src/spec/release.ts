// The release block: one version of a named set of tools, and how to reach them (docs/protocol.md, "Blocks"). A binding
// says how; it is run only by execute/, and only from a verified release.

import { type Cid, parseCid } from '../cid/index.ts'
import type { Json, JsonObject } from '../lib/index.ts'
import { type Binding, checkBinding } from './binding.ts'
import { parseName, parseToolName } from './names.ts'
import {
  anyObject,
  boolean,
  type Check,
  type FieldsOf,
  line,
  listOf,
  mapOf,
  matching,
  object,
  oneOf,
  optional,
  parsedBy,
  prose,
  required,
  wholeNumber,
} from './shape.ts'
import { parseVersion } from './versions.ts'

export interface Author {
  readonly name: string
  readonly email?: string
  readonly url?: string
}

export interface AuthMethod {
  readonly type: 'token' | 'oauth' | 'api-key' | 'password' | 'certificate'
  readonly envVar?: string
  readonly description?: string
  readonly setupCommand?: string
}

export interface Auth {
  readonly required?: boolean
  readonly methods?: readonly AuthMethod[]
  readonly checkCommand?: string
}

export interface Artifact {
  /** `linux-amd64`, `darwin-arm64`, …, or `any`. */
  readonly platform: string
  /** 64 lower-case hex digits. */
  readonly sha256: string
  readonly url?: string
  readonly size?: number
}

/** A task that takes several tools or commands. */
export interface Pattern {
  readonly name: string
  readonly description?: string
  readonly steps: readonly { readonly command: string; readonly description?: string }[]
  readonly variables?: JsonObject
  readonly tags?: readonly string[]
  readonly executable?: boolean
}

/** What a release and a toolkit document have in common: all but their tools. */
export interface ReleaseFields {
  readonly name: string
  readonly version: string
  readonly title?: string
  readonly description?: string
  /** An SPDX expression. */
  readonly license?: string
  readonly homepage?: string
  readonly repository?: string
  readonly authors?: readonly Author[]
  readonly keywords?: readonly string[]
  readonly bindings?: readonly Binding[]
  readonly auth?: Auth
  readonly artifacts?: readonly Artifact[]
  readonly permissions?: readonly string[]
  readonly patterns?: readonly Pattern[]
  readonly [extension: `x-${string}`]: Json
}

export interface Release extends ReleaseFields {
  readonly kind: 'release/v1'
  readonly tools: Readonly<Record<string, Cid>>
}

const WEB_ADDRESS = /^https?:\/\/[!-~]+$/
const webAddress = matching(WEB_ADDRESS, 2000, 'an http(s) address')

const AUTHOR_FIELDS = {
  name: required(line(200)),
  email: optional(line(200)),
  url: optional(webAddress),
} satisfies FieldsOf<Author>

const AUTH_METHOD_FIELDS = {
  type: required(oneOf('token', 'oauth', 'api-key', 'password', 'certificate')),
  envVar: optional(matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 200, 'the name of a variable')),
  description: optional(prose(2000)),
  setupCommand: optional(line(1000)),
} satisfies FieldsOf<AuthMethod>

const AUTH_FIELDS = {
  required: optional(boolean),
  methods: optional(listOf(object(AUTH_METHOD_FIELDS))),
  checkCommand: optional(line(1000)),
} satisfies FieldsOf<Auth>

const ARTIFACT_FIELDS = {
  platform: required(
    matching(/^[a-z0-9_]+(?:-[a-z0-9_]+)*$/, 64, 'a platform such as linux-amd64, or any'),
  ),
  sha256: required(matching(/^[0-9a-f]{64}$/, 64, '64 lower-case hex digits')),
  url: optional(webAddress),
  size: optional(wholeNumber),
} satisfies FieldsOf<Artifact>

const STEP_FIELDS = {
  command: required(prose(10_000)),
  description: optional(prose(10_000)),
} satisfies FieldsOf<Pattern['steps'][number]>

const PATTERN_FIELDS = {
  name: required(line(200)),
  description: optional(prose(10_000)),
  steps: required(listOf(object(STEP_FIELDS), { least: 1 })),
  variables: optional(anyObject),
  tags: optional(listOf(line(100))),
  executable: optional(boolean),
} satisfies FieldsOf<Pattern>

/** The fields that a release and a toolkit document check alike; each adds its own name and tools. */
export const COMMON_FIELDS: FieldsOf<Omit<ReleaseFields, 'name'>> = {
  version: required(parsedBy(parseVersion)),
  title: optional(line(200)),
  description: optional(prose(100_000)),
  license: optional(line(200)),
  homepage: optional(webAddress),
  repository: optional(webAddress),
  authors: optional(listOf(object(AUTHOR_FIELDS))),
  keywords: optional(listOf(line(100))),
  bindings: optional(listOf(checkBinding)),
  auth: optional(object(AUTH_FIELDS)),
  artifacts: optional(listOf(object(ARTIFACT_FIELDS))),
  permissions: optional(listOf(line(200))),
  patterns: optional(listOf(object(PATTERN_FIELDS))),
}

export const RELEASE_FIELDS: FieldsOf<Release> = {
  kind: required(oneOf('release/v1')),
  name: required(parsedBy(parseName)),
  ...COMMON_FIELDS,
  tools: required(mapOf(parsedBy(parseToolName), parsedBy(parseCid), 1)),
}

export const checkRelease: Check = object(RELEASE_FIELDS, { extensible: true })
