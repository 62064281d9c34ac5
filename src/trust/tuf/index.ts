export { fetchTrustedRoot, PUBLIC_GOOD_MIRROR } from './fetch-root.ts'
