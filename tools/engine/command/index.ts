import { providerService } from "../plugin/provider-service";
import { serve } from "../plugin/serve";
import { commandProvider } from "./provider";

serve(providerService(commandProvider));
