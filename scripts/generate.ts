/** `npm run generate`: everything that is made from something else and committed. */
import { run as generateApiClient } from './generate-api-client.ts';
import { run as generateBlueprintSchemas } from './generate-blueprint-schemas.ts';
import { run as generateMessageDocs } from './generate-message-docs.ts';
import { run as generateTerminalDocument } from './terminal-document.ts';

generateBlueprintSchemas();
generateMessageDocs();
generateTerminalDocument();
await generateApiClient();
