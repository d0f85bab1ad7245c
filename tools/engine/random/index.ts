import { providerService } from "../plugin/provider-service";
import { serve } from "../plugin/serve";

serve(providerService({ name: "random", resources: {}, functions: {} }));
