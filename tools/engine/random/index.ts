import { providerService } from "../plugin/provider-service";
import { serve } from "../plugin/serve";
import { randomProvider } from "./provider";

serve(providerService(randomProvider));
