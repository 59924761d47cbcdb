import { cleanUp } from './clean-up.js';

// Here and not in clean-up.ts: where files share what they import, that is loaded for the first of them alone.
afterAll(cleanUp);
