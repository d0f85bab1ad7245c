import { providerService } from "../plugin/provider-service";
import { serve } from "../plugin/serve";
import { remoteCommand } from "./remote-command";

serve(providerService({ name: "command", resources: { "command:remote:Command": remoteCommand }, functions: {} }));
