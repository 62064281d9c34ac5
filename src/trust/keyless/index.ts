export type { LoginPrompt } from './oidc/provider.ts'
export {
  IDENTITY_CHOICES,
  type KeylessSurroundings,
  type KeylessTexts,
  keylessSignerFrom,
} from './options.ts'
export { type KeylessOptions, openKeylessSigner } from './signer.ts'
