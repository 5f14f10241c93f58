/** `npm run generate`: everything that is made from something else and committed. */
import { run as generateApiClient } from './generate-api-client.ts';
import { run as generateBlueprintSchemas } from './generate-blueprint-schemas.ts';

generateBlueprintSchemas();
await generateApiClient();
