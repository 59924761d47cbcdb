import { Controller, Get, NotFoundException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Needs } from '../../access/scope.js';
import { AppConfig } from '../../config/app-config.js';
import { DeepaasModels } from './deepaas-models.js';
import { swaggerOf } from './swagger.js';

/** The description of the DEEPaaS API for programs; its page, /ui, stands with the other pages of the documentation. */
@ApiExcludeController()
@Controller()
export class SwaggerController {
  constructor(
    private readonly config: AppConfig,
    private readonly models: DeepaasModels,
  ) {}

  @Get('swagger.json')
  @Needs('nothing')
  async swagger(): Promise<object> {
    const { docsEnabled, auth } = this.config;
    if (!docsEnabled) throw new NotFoundException();
    return swaggerOf(await this.models.all(), auth === 'required');
  }
}
