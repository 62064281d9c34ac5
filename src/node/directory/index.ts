export { startDirectory } from './directory.ts'
